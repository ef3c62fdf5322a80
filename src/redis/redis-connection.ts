import type { Redis } from 'ioredis';
import { CheckpointError } from '../pipeline/checkpoint-error.ts';
import type { Logger } from '../pipeline/logger.ts';
import { nameOf, redisClient, type RedisClient, type RedisWire } from './redis-client.ts';
import { redisTrouble } from './redis-trouble.ts';

export interface RedisConnectionOptions extends RedisWire {
  /** How long a command may take, the way there and back included. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * A connection that never makes its user wait for more than a time-out: commands fail at once while it is down, and
 * it comes back by itself.
 *
 *   connecting ──▶ ready ──▶ closed ──▶ (a moment, up to 2 s) ──▶ connecting ...
 *                    └── no answer in time: the connection is dropped with all that waits in it
 */
export class RedisConnection {
  readonly #redis: RedisClient;
  readonly #server: string;
  readonly #wire: RedisWire;
  readonly #logger: Logger;
  /** Settled when the first attempt to connect has come to something: a start is worth waiting for, an outage is not. */
  readonly #firstAttempt: Promise<void>;
  #trouble: CheckpointError | undefined;
  #closed = false;

  constructor({ timeoutMs, logger, ...wire }: RedisConnectionOptions) {
    this.#server = nameOf(wire.place);
    this.#wire = wire;
    this.#logger = logger;
    this.#trouble = redisTrouble(LOST, this.#server, wire);
    this.#redis = redisClient(wire, timeoutMs, (error) => {
      logger.warn(
        { redis: this.#server, err: error },
        'a secret of Redis cannot be read, the one before is used',
      );
    });
    this.#firstAttempt = this.#watch();
  }

  /** What is wrong, or undefined while Redis answers. */
  get trouble(): CheckpointError | undefined {
    return this.#trouble;
  }

  /** Runs a command. Rejects with a CheckpointError, within the time-out and that of the first connection. */
  async run<T>(kind: 'read' | 'write', send: (redis: RedisClient) => Promise<T>): Promise<T> {
    await this.#firstAttempt;
    if (this.#closed) throw closed(this.#server);
    if (this.#redis.status !== 'ready') throw this.#failed(LOST);
    try {
      const reply = await send(this.#redis);
      this.#answered(kind);
      return reply;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#trouble = closed(this.#server);
    const isOpen = !['reconnecting', 'end'].includes(this.#redis.status);
    const ended = new Promise<void>((resolve) => (this.#redis as Redis).once('end', resolve));
    this.#redis.disconnect();
    if (isOpen) await ended;
  }

  #watch(): Promise<void> {
    const redis = this.#redis as Redis; // a cluster has the same events, and one more
    redis.on('error', (error: Error) => {
      this.#note(this.#inOurWords(error));
    });
    redis.on('node error', (error: Error) => {
      if (redis.status !== 'ready') this.#note(this.#inOurWords(error));
    });
    redis.on('close', () => {
      if (this.#trouble === undefined) this.#note(this.#inOurWords(LOST));
    });
    redis.on('ready', () => {
      this.#askWhetherItAnswers();
    });
    return new Promise((resolve) => {
      for (const event of ['ready', 'error', 'close', 'end'] as const) redis.once(event, resolve);
    });
  }

  /** Without this a process that has nothing to save would not know that Redis is back. */
  #askWhetherItAnswers(): void {
    this.#redis.ping().then(
      () => {
        this.#answered('read');
      },
      (error: unknown) => {
        this.#failed(error);
      },
    );
  }

  #answered(kind: 'read' | 'write'): void {
    if (this.#closed || this.#trouble === undefined) return;
    const onlyWritesTell = this.#trouble.trouble === 'full' || this.#trouble.trouble === 'read-only';
    if (onlyWritesTell && kind === 'read') return;
    this.#trouble = undefined;
    this.#logger.info({ redis: this.#server }, 'Redis answers');
  }

  /** That the connection is gone says less than what is known already of why. */
  #failed(error: unknown): CheckpointError {
    const found = this.#inOurWords(error);
    if (this.#trouble !== undefined && found.trouble === 'unreachable') return this.#trouble;
    return this.#note(found);
  }

  #note(found: CheckpointError): CheckpointError {
    if (this.#closed) return closed(this.#server);
    const before = this.#trouble;
    this.#trouble = found;
    if (before?.message !== found.message) {
      this.#logger.warn({ redis: this.#server, code: found.code, remedy: found.remedy }, found.message);
    }
    return found;
  }

  #inOurWords(error: unknown): CheckpointError {
    return redisTrouble(error, this.#server, this.#wire);
  }
}

const LOST = new Error('the connection is closed');
function closed(server: string): CheckpointError {
  return new CheckpointError(
    'closed',
    `The connection to Redis at ${server} was closed here.`,
    'Open another store.',
  );
}
