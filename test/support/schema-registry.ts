import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { ServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';

/** A real schema registry with Confluent's API: Apicurio Registry, its schemas in memory. */
export interface TestRegistry {
  /** What a pipeline names in spec.schemaRegistry.url. */
  readonly url: string;
  readonly process: ServerProcess;
  /** Registers a schema; returns its id. */
  register(subject: string, schema: string, more?: RegisteredMore): Promise<number>;
  stop(): Promise<void>;
}

interface RegisteredMore {
  readonly schemaType?: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly references?: readonly { name: string; subject: string; version: number }[];
}

export async function startSchemaRegistry(): Promise<TestRegistry> {
  const folder = setUp('schema-registry');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const at = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`];
  const jar = join(folder, 'apicurio-registry-app-2.6.13.Final-runner.jar');
  const registry = new ServerProcess('Apicurio Registry', 'java', [...jvm, ...at, '-jar', jar], () =>
    answers(`${url}/subjects`),
  );
  await registry.start(120_000);
  return {
    url,
    process: registry,
    register: (subject, schema, more = {}) => register(url, subject, { schema, ...more }),
    stop: () => registry.kill(),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false; // it does not listen yet
  }
}

async function register(url: string, subject: string, body: object): Promise<number> {
  const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The registry refused ${subject}: ${await response.text()}`);
  return ((await response.json()) as { id: number }).id;
}
