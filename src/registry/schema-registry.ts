import { setTimeout as delay } from 'node:timers/promises';
import { BackOff } from '../pipeline/back-off.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { SchemaSource } from '../pipeline/schema-source.ts';
import type { KnownSchema } from '../trade/schemas.ts';
import { knownSchema } from './known-schema.ts';
import { RegistryClient } from './registry-client.ts';
import type { RegistryConnection } from './registry-connection.ts';
import { RegistryError } from './registry-error.ts';

/**
 * Schemas by their ids, each asked for once: an id never comes to mean another schema. A registry that is away, that
 * refuses the login or that answers nonsense is asked until it tells; a record is not at fault for that.
 */
export class SchemaRegistry implements SchemaSource {
  readonly #client: RegistryClient;
  readonly #logger: Logger;
  readonly #known = new Map<number, KnownSchema>();
  readonly #loading = new Map<number, Promise<void>>();
  /** Why the last question was not answered, by id. */
  readonly #troubles = new Map<number, string>();
  readonly #closing = new AbortController();

  constructor(connection: RegistryConnection, logger: Logger) {
    this.#client = new RegistryClient(connection);
    this.#logger = logger;
  }

  get(id: number): KnownSchema | undefined {
    return this.#known.get(id);
  }

  load(id: number): Promise<void> {
    if (this.#known.has(id)) return Promise.resolve();
    let loading = this.#loading.get(id);
    if (loading === undefined) {
      loading = this.#loadUntilKnown(id).finally(() => {
        this.#loading.delete(id);
        this.#troubles.delete(id);
      });
      this.#loading.set(id, loading);
    }
    return loading;
  }

  get obstacles(): readonly Obstacle[] {
    return [...this.#troubles].map(([id, reason]) => ({ part: `schema ${id}`, reason }));
  }

  close(): void {
    this.#closing.abort();
  }

  async #loadUntilKnown(id: number): Promise<void> {
    const backOff = new BackOff({ firstMs: FIRST_MS, mostMs: MOST_MS, random: Math.random });
    for (let notFound = 0; ;) {
      try {
        this.#known.set(id, await knownSchema(this.#client, await this.#client.schemaById(id)));
        return;
      } catch (error) {
        if (error instanceof RegistryError && error.isNotFound && ++notFound === TIMES_NOT_FOUND) {
          this.#knowMissing(id);
          return;
        }
        this.#troubles.set(id, (error as Error).message);
        this.#logger.warn({ schemaId: id, err: error }, 'the schema registry has not told a schema yet');
      }
      await this.#wait(backOff.next());
    }
  }

  /** For a while: a schema may have been copied into the registry by then. */
  #knowMissing(id: number): void {
    this.#known.set(id, { format: 'none', code: 'schema-unknown', why: 'is not in the registry' });
    setTimeout(() => this.#known.delete(id), MISSING_FOR_MS).unref();
  }

  async #wait(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#closing.signal });
    } catch {
      await new Promise<never>(() => undefined); // closed: whoever waits is gone
    }
  }
}

const FIRST_MS = 100;
const MOST_MS = 5_000;
/** A registry of several servers may not have copied a new schema to all of them yet. */
const TIMES_NOT_FOUND = 4;
const MISSING_FOR_MS = 60_000;
