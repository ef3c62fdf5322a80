import type { ApiClient } from '../kube/api-client.ts';
import { secretValue } from '../kube/secret-value.ts';
import type { Pipeline, SecretRef } from '../resource/pipeline.ts';
import { secretRefs } from '../resource/secret-refs.ts';
import type { Secrets } from './secret-folder.ts';

/** By `name/key`, those that the pipeline's Kafka needs. Throws an ApiError, or a TidemarkError, SECRET_MISSING. */
export async function fetchKafkaSecrets(
  client: ApiClient,
  namespace: string,
  pipeline: Pipeline,
): Promise<Readonly<Record<string, string>>> {
  const values = secretRefs({ ...pipeline, redis: undefined }).map(async ({ name, key }) => {
    return [`${name}/${key}`, await secretValue(client, namespace, { name, key })] as const;
  });
  return Object.fromEntries(await Promise.all(values));
}

/** Secrets as the API server gave them. */
export class FetchedSecrets implements Secrets {
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  read({ name, key }: SecretRef): string {
    return this.#values[`${name}/${key}`];
  }

  readTogether(name: string, keys: readonly string[]): string[] {
    return keys.map((key) => this.read({ name, key }));
  }
}
