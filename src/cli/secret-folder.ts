import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { SecretRef } from '../resource/pipeline.ts';

/** Where values of Secrets come from. Both throw a TidemarkError, SECRET_MISSING. */
export interface Secrets {
  read(ref: SecretRef): string;
  /** Several values of one Secret, all of the same version. */
  readTogether(name: string, keys: readonly string[]): string[];
}

/**
 * The Secrets of a pipeline, as Kubernetes mounts them: `<folder>/<name>/<key>`. They are read each time they are
 * needed, for they change without notice; that is once per new connection, from memory, and a few kilobytes.
 */
export class SecretFolder implements Secrets {
  readonly #folder: string;

  constructor(folder = process.env.TIDEMARK_SECRETS ?? DEFAULT_FOLDER) {
    this.#folder = folder;
  }

  /** One value, without the line feed that editors and `echo` leave. Throws a TidemarkError, SECRET_MISSING. */
  read(ref: SecretRef): string {
    return this.readTogether(ref.name, [ref.key])[0];
  }

  /**
   * Several values of one Secret, all of the same version: Kubernetes swaps a link (`..data`) for all keys at once,
   * and a certificate must not come with another's private key.
   */
  readTogether(name: string, keys: readonly string[]): string[] {
    const mount = join(this.#folder, name);
    const version = currentVersion(mount);
    return keys.map((key) => this.#readFile(name, key, join(version, key)));
  }

  #readFile(name: string, key: string, path: string): string {
    const file = join(this.#folder, name, key);
    const text = contentOf(path, (why) => missing(name, key, file, why));
    const value = text.replace(/\r?\n$/, '');
    if (value === '') throw missing(name, key, file, 'it is empty');
    return value;
  }
}

const DEFAULT_FOLDER = '/etc/tidemark/secrets';

function currentVersion(mount: string): string {
  try {
    return realpathSync(join(mount, '..data'));
  } catch {
    return mount; // a plain folder, as a person makes it
  }
}

function contentOf(path: string, failed: (why: string) => TidemarkError): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw failed((error as Error).message.replace(/^[A-Z]+: /, '').replace(/, \w+.*$/, ''));
  }
}

function missing(name: string, key: string, file: string, why: string): TidemarkError {
  return new TidemarkError(
    'SECRET_MISSING',
    `cannot read the key ${key} of the Secret ${name} at ${file}: ${why}`,
    `Mount the Secret ${name} there, or set TIDEMARK_SECRETS to the folder that holds <name>/<key>.`,
    { exitCode: EXIT.usage },
  );
}
