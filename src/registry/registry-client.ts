import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import * as z from 'zod';
import type { RegistryConnection } from './registry-connection.ts';
import { registryTrouble, RegistryError } from './registry-error.ts';

/** A schema as the registry tells it. */
export interface RegisteredSchema {
  readonly schemaType: string;
  readonly schema: string;
  readonly references: readonly Reference[];
}

/** A schema that another one uses, by the name that it uses for it. */
export interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/**
 * The part of a schema registry's REST API that a reader of records needs, as Confluent documents it
 * (docs.confluent.io, "Schema Registry API Reference") and others such as Apicurio and Karapace offer it. Every method
 * rejects with a RegistryError, or with the TidemarkError of a Secret that cannot be read.
 */
export class RegistryClient {
  readonly connection: RegistryConnection;

  constructor(connection: RegistryConnection) {
    this.connection = connection;
  }

  schemaById(id: number): Promise<RegisteredSchema> {
    return this.#get(`/schemas/ids/${id}`);
  }

  /** `version`: a number, or the latest. */
  schemaOf(subject: string, version: number | 'latest'): Promise<RegisteredSchema> {
    return this.#get(`/subjects/${encodeURIComponent(subject)}/versions/${version}`);
  }

  async #get(path: string): Promise<RegisteredSchema> {
    const response = await this.#asked(path);
    const { statusCode: status = 0 } = response;
    const body = jsonOf(await bodyOf(response, this.connection));
    if (status !== 200) {
      const { error_code: code, message } = failure.safeParse(body).data ?? {};
      throw new RegistryError(this.connection, { status, code, message, path });
    }
    const parsed = success.safeParse(body);
    if (!parsed.success) throw new RegistryError(this.connection, { status, path });
    return parsed.data;
  }

  #asked(path: string): Promise<IncomingMessage> {
    const { url, login, tls } = this.connection;
    const headers: Record<string, string> = { accept: ACCEPT };
    if (login !== undefined) {
      const pair = Buffer.from(`${login.username}:${login.password()}`).toString('base64');
      headers.authorization = `Basic ${pair}`;
    }
    const options = { headers, timeout: TIMEOUT_MS };
    const { ca, certificate: cert, privateKey: key } = tls?.() ?? {};
    return new Promise((resolve, reject) => {
      const request = url.startsWith('https:')
        ? requestHttps(`${url}${path}`, { ...options, ...(ca && { ca }), ...(cert && { cert, key }) })
        : requestHttp(`${url}${path}`, options);
      request.once('response', resolve);
      request.once('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      request.once('error', (error) => {
        reject(registryTrouble(this.connection, error));
      });
      request.end();
    });
  }
}

async function bodyOf(response: IncomingMessage, connection: RegistryConnection): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw registryTrouble(connection, error as Error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what is no JSON is no answer of a registry, and is told as such
  }
}

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });
/** Registries leave the type out where it is Avro, and references where there are none. */
const success = z.object({
  schemaType: z
    .string()
    .nullish()
    .transform((type) => type ?? 'AVRO'),
  schema: z.string(),
  references: z
    .array(reference)
    .nullish()
    .transform((references) => references ?? []),
});
const failure = z.object({ error_code: z.int().optional(), message: z.string().optional() });

const ACCEPT = 'application/vnd.schemaregistry.v1+json, application/json';
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 8 * 1024 * 1024;
