import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from '../../src/pipeline/logger.ts';
import {
  redisCheckpointStore,
  type RedisCheckpointStore,
  type RedisCheckpointStoreOptions,
} from '../../src/redis/redis-checkpoint-store.ts';

/** Stores over one Redis that share a pipeline of their own, and a client that looks at what they do. */
export class RedisStores {
  readonly client: Redis;
  readonly logged: string[] = [];
  readonly #url: string;
  readonly #open: RedisCheckpointStore[] = [];
  #pipeline = randomUUID();

  constructor(url: string) {
    this.#url = url;
    this.client = new Redis(url, { enableReadyCheck: false });
    this.client.on('error', () => {
      // a test that takes Redis down expects it
    });
  }

  get pipeline(): string {
    return this.#pipeline;
  }

  open(options: Partial<RedisCheckpointStoreOptions> = {}): RedisCheckpointStore {
    const store = redisCheckpointStore({
      place: { kind: 'single', url: this.#url },
      pipeline: this.#pipeline,
      ttlMs: 60_000,
      timeoutMs: 10_000,
      logger: this.#logger(),
      ...options,
    });
    this.#open.push(store);
    return store;
  }

  /** Every store is closed; those that are opened now find nothing. */
  async clear(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((store) => store.close()));
    this.#pipeline = randomUUID();
    this.logged.length = 0;
  }

  async close(): Promise<void> {
    await this.clear();
    this.client.disconnect();
  }

  #logger(): Logger {
    const log = (fields: object, message: string): void => {
      this.logged.push(`${message} ${JSON.stringify(fields)}`);
    };
    return { debug: log, info: log, warn: log, error: log };
  }
}
