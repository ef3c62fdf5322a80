import { TidemarkError } from '../pipeline/error.ts';
import { tlsTrouble } from '../tls/tls-trouble.ts';
import type { RegistryConnection } from './registry-connection.ts';

/** An answer that is not what was asked for. */
export interface RegistryAnswer {
  readonly status: number;
  /** The registry's own number, where it gave one. */
  readonly code?: number | undefined;
  readonly message?: string | undefined;
  readonly path: string;
}

/** REGISTRY_NOT_FOUND, REGISTRY_LOGIN_REFUSED, REGISTRY_ANSWER. */
export class RegistryError extends TidemarkError {
  /** The registry itself says that it has no such schema, subject or version. */
  readonly isNotFound: boolean;

  constructor(connection: RegistryConnection, answer: RegistryAnswer) {
    const isNotFound = answer.code !== undefined && NOT_FOUND.has(answer.code);
    const { code, message, remedy } = wordsFor(connection, answer, isNotFound);
    super(code, message, remedy);
    this.name = 'RegistryError';
    this.isNotFound = isNotFound;
  }
}

/** A 404 of some other server, at a wrong address, does not have these: subject, version and schema not found. */
const NOT_FOUND = new Set([40401, 40402, 40403]);

/** REGISTRY_UNREACHABLE: no answer came. */
export function registryTrouble(
  { url, tls }: RegistryConnection,
  error: Error & { readonly code?: string },
): TidemarkError {
  const certificate = tls?.().certificate;
  const trouble = tlsTrouble(error, certificate, Date.now()) ?? brokenOff(error, certificate);
  const what =
    trouble?.what ??
    `cannot be reached: ${error.message === '' ? (error.code ?? 'no reason told') : error.message}`;
  const remedy = trouble?.remedy ?? 'Check spec.schemaRegistry.url, and that the registry runs.';
  return new TidemarkError('REGISTRY_UNREACHABLE', `The schema registry ${url} ${what}.`, remedy, {
    cause: error,
  });
}

/** A server of TLS 1.3 looks at our certificate after the handshake, and some close without a word if it does not do. */
function brokenOff({ code }: { readonly code?: string }, certificate: string | undefined) {
  if (code !== 'ECONNRESET' || certificate === undefined) return undefined;
  return {
    what: 'closed the connection without an answer',
    remedy:
      'Look into its log: it may not take the certificate of spec.schemaRegistry.tls.certificateSecretRef.',
  };
}

function wordsFor({ url, login }: RegistryConnection, answer: RegistryAnswer, isNotFound: boolean) {
  const { status, message, path } = answer;
  if (isNotFound) {
    return {
      code: 'REGISTRY_NOT_FOUND',
      message: `The schema registry ${url} does not have ${path}.`,
      remedy: 'Check that producers use this registry, and that the schema was not deleted.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      code: 'REGISTRY_LOGIN_REFUSED',
      message: `The schema registry ${url} does not permit ${login?.username ?? 'a reader without a login'} to read ${path} (${status}).`,
      remedy: 'Check spec.schemaRegistry.username and passwordSecretRef, and what the user may read.',
    };
  }
  const said = message === undefined ? '' : `: ${message.slice(0, 200)}`;
  return {
    code: 'REGISTRY_ANSWER',
    message: `${url}${path} answered ${status}, which is no answer of a schema registry${said}.`,
    remedy:
      'Check spec.schemaRegistry.url; some registries have their Confluent API at a path such as /apis/ccompat/v7.',
  };
}
