import { randomBytes } from 'node:crypto';
import type { CheckpointObserver } from '../pipeline/checkpoint-observer.ts';
import { baseLost, CheckpointError } from '../pipeline/checkpoint-error.ts';
import type { Checkpoint, CheckpointChange, CheckpointStore } from '../pipeline/checkpoint.ts';
import { checkpointKeys } from './checkpoint-keys.ts';
import { encodePane } from './pane-bytes.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { bytesOf, LAYOUT, readStored } from './stored-checkpoint.ts';
import { encodeTails } from './tail-bytes.ts';

export interface RedisCheckpointStoreOptions extends RedisConnectionOptions {
  /** Names the keys, so that pipelines can share a Redis. */
  readonly pipeline: string;
  /** A checkpoint that was not saved for this long is deleted by Redis. */
  readonly ttlMs: number;
  readonly observer?: CheckpointObserver | undefined;
}

export interface RedisCheckpointStore extends CheckpointStore {
  /** What is wrong: of the connection, else of the checkpoint that was loaded last. Undefined if nothing is. */
  readonly trouble: CheckpointError | undefined;
  /** For what else is kept in the same Redis; closed with the store. */
  readonly connection: RedisConnection;
}

/**
 * Checkpoints in Redis, laid out as docs/checkpoint-layout.md says. Connects in the background; a save or a load
 * while Redis is away fails at once. What fails, fails with a CheckpointError; `load` gives it as `trouble`.
 */
export function redisCheckpointStore(options: RedisCheckpointStoreOptions): RedisCheckpointStore {
  return new Store(options);
}

class Store implements RedisCheckpointStore {
  readonly #pipeline: string;
  readonly #ttlMs: number;
  readonly connection: RedisConnection;
  readonly #logger: RedisCheckpointStoreOptions['logger'];
  readonly #observer: CheckpointObserver | undefined;
  /** Tells this store's saves from those of any other. */
  readonly #saver = randomBytes(8).toString('hex');
  #saves = 0;
  /** By partition: the save that the next change goes on top of; empty where nothing was stored, missing if unknown. */
  readonly #bases = new Map<number, string>();
  #unusable: CheckpointError | undefined;

  constructor(options: RedisCheckpointStoreOptions) {
    this.#pipeline = options.pipeline;
    this.#ttlMs = options.ttlMs;
    this.#logger = options.logger;
    this.#observer = options.observer;
    this.connection = new RedisConnection(options);
  }

  get isHealthy(): boolean {
    return this.connection.trouble === undefined;
  }

  get trouble(): CheckpointError | undefined {
    return this.connection.trouble ?? this.#unusable;
  }

  async save(partition: number, epoch: bigint, change: CheckpointChange): Promise<'saved' | 'fenced'> {
    const base = this.#bases.get(partition);
    const number = ++this.#saves;
    const command = this.#saveCommand(partition, epoch, change, number);
    // A save that follows before this one is answered goes on top of it.
    const save = `${this.#saver}-${number}`;
    this.#bases.set(partition, save);
    const startedMs = performance.now();
    const reply = await this.connection
      .run('write', (redis) => redis.saveCheckpoint(...command))
      .catch((error: unknown) => {
        this.#bases.delete(partition);
        throw this.#failed('save', error);
      });
    if (reply === 'saved') {
      this.#observer?.done('save', bytesOf(command), performance.now() - startedMs);
      return 'saved';
    }
    // Nothing was changed, so what went before holds; for the task in this process that is the owner now.
    if (this.#bases.get(partition) === save) this.#goBackTo(base, partition);
    if (reply === 'fenced') return 'fenced';
    throw this.#failed('save', baseLost(partition));
  }

  async load(partition: number): Promise<Checkpoint | undefined> {
    this.#bases.delete(partition);
    const startedMs = performance.now();
    const reply = await this.connection
      .run('read', (redis) => redis.loadCheckpointBuffer(...checkpointKeys(this.#pipeline, partition)))
      .catch((error: unknown) => {
        this.#failed('load', error); // the connection has logged it, and has it as `trouble`
      });
    if (reply === undefined) return undefined;
    try {
      const stored = await readStored(reply);
      this.#bases.set(partition, stored?.save ?? '');
      this.#unusable = undefined;
      this.#observer?.done('load', stored?.bytes ?? 0, performance.now() - startedMs);
      return stored?.checkpoint;
    } catch (error) {
      this.#unusable = this.#failed('load', error);
      const { code, message, remedy } = this.#unusable;
      this.#logger.warn({ pipeline: this.#pipeline, partition, code, remedy }, message);
      return undefined;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Anything but a CheckpointError is a mistake of ours and goes on as it is. */
  #failed(verb: 'save' | 'load', error: unknown): CheckpointError {
    if (!(error instanceof CheckpointError)) throw error;
    this.#observer?.failed(verb, error.trouble);
    return error;
  }

  #goBackTo(base: string | undefined, partition: number): void {
    if (base === undefined) this.#bases.delete(partition);
    else this.#bases.set(partition, base);
  }

  /** Keys and arguments of lua/save.lua. All is encoded before the first await: the caller may go on with its arrays. */
  #saveCommand(
    partition: number,
    epoch: bigint,
    change: CheckpointChange,
    number: number,
  ): (string | Buffer)[] {
    return [
      ...checkpointKeys(this.#pipeline, partition),
      LAYOUT,
      change.whole ? 'whole' : 'change',
      change.whole ? '' : (this.#bases.get(partition) ?? UNKNOWN),
      this.#saver,
      String(number),
      String(epoch),
      String(change.offset),
      String(change.watermarkMs),
      change.shape,
      String(Date.now()),
      String(this.#ttlMs),
      String(change.dropBeforeMs),
      encodeTails(change.tails),
      ...change.panes.flatMap((pane) => [String(pane.startMs), encodePane(pane)]),
    ];
  }
}

/** Goes on top of no save: only a whole one can follow. */
const UNKNOWN = 'unknown';
