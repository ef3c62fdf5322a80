import { TidemarkError } from '../pipeline/error.ts';
import type { ApiClient } from './api-client.ts';
import { hasStatus } from './api-error.ts';
import { KINDS, pathOf } from './kinds.ts';

/** One value of a Secret, as text. It is asked for each time and kept nowhere. Throws a TidemarkError, SECRET_MISSING. */
export async function secretValue(
  client: ApiClient,
  namespace: string,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<string> {
  const path = pathOf(KINDS.Secret, namespace, name);
  try {
    const secret = (await client.send({ method: 'GET', path })) as { data?: Record<string, string> };
    const value = secret.data?.[key];
    if (value !== undefined) return Buffer.from(value, 'base64').toString();
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
  throw new TidemarkError(
    'SECRET_MISSING',
    `the Secret ${name} has no key ${key}, or does not exist`,
    `Create it: kubectl create secret generic ${name} --namespace ${namespace} --from-literal ${key}=...`,
  );
}
