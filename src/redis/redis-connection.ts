import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Redis, type Result } from 'ioredis';
import { CheckpointError } from '../pipeline/checkpoint-error.ts';
import { TidemarkError, EXIT } from '../pipeline/error.ts';
import type { Logger } from '../pipeline/logger.ts';
import { asksForReconnect, redisTrouble } from './redis-trouble.ts';
import type { LoadReply } from './stored-checkpoint.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    saveCheckpoint(...keysAndArguments: (string | Buffer)[]): Result<string, Context>;
    loadCheckpointBuffer(...keys: string[]): Result<LoadReply, Context>;
  }
}

export interface RedisConnectionOptions {
  /** `redis://host:port/database`, or `rediss://` for TLS. Without a login. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long a command may take, the way there and back included. */
  readonly timeoutMs: number;
  /** How a TLS connection is checked; in force with `rediss://`, or if given. */
  readonly tls?: Pick<TlsOptions, 'ca' | 'cert' | 'key' | 'servername'> | undefined;
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
  readonly #redis: Redis;
  readonly #server: string;
  readonly #password: string | undefined;
  readonly #logger: Logger;
  /** Settled when the first attempt to connect has come to something: a start is worth waiting for, an outage is not. */
  readonly #firstAttempt: Promise<void>;
  #trouble: CheckpointError | undefined;
  #closed = false;

  constructor({ url, username, password, timeoutMs, tls, logger }: RedisConnectionOptions) {
    const { host, port, db, secure } = addressOf(url);
    this.#server = `${host}:${port}`;
    this.#password = password;
    this.#logger = logger;
    this.#trouble = redisTrouble(LOST, this.#server, password);
    this.#redis = new Redis({
      host,
      port,
      db,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(secure || tls !== undefined ? { tls: tls ?? {} } : {}),
      protocol: 2, // what the scripts return is the same in both, and Redis 5 knows no other
      disableClientInfo: true,
      enableReadyCheck: false, // a Redis that is loading says so to each command
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      socketTimeout: timeoutMs, // else saves would pile up in the socket of a Redis that hangs
      disconnectTimeout: DISCONNECT_MS,
      retryStrategy: backOffMs,
      reconnectOnError: asksForReconnect,
      scripts: {
        saveCheckpoint: { lua: script('save'), numberOfKeys: 3 },
        loadCheckpoint: { lua: script('load'), numberOfKeys: 3, readOnly: true },
      },
    });
    this.#firstAttempt = this.#watch();
  }

  /** What is wrong, or undefined while Redis answers. */
  get trouble(): CheckpointError | undefined {
    return this.#trouble;
  }

  /** Runs a command. Rejects with a CheckpointError, within the time-out and that of the first connection. */
  async run<T>(kind: 'read' | 'write', send: (redis: Redis) => Promise<T>): Promise<T> {
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
    const ended = new Promise<void>((resolve) => this.#redis.once('end', resolve));
    this.#redis.disconnect();
    if (isOpen) await ended;
  }

  #watch(): Promise<void> {
    const redis = this.#redis;
    redis.on('error', (error: Error) => {
      this.#note(this.#inOurWords(error));
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
    return redisTrouble(error, this.#server, this.#password);
  }
}

const LOST = new Error('the connection is closed');
const DISCONNECT_MS = 200;
const LONGEST_BACK_OFF_MS = 2000;

/** Exponential, with half of it left to chance, so that processes do not all come back in the same moment. */
function backOffMs(attempt: number): number {
  const atMostMs = Math.min(LONGEST_BACK_OFF_MS, 50 * 2 ** attempt);
  return atMostMs * (0.5 + Math.random() / 2);
}

function addressOf(url: string): { host: string; port: number; db: number; secure: boolean } {
  const parsed = URL.parse(url);
  const isRedis = parsed?.protocol === 'redis:' || parsed?.protocol === 'rediss:';
  if (!isRedis || parsed.username !== '' || parsed.password !== '') {
    throw new TidemarkError(
      'REDIS_URL',
      'The address of Redis is not redis://host:port/database, or has a login inside.',
      'Write it so, and give user and password on their own.',
      { exitCode: EXIT.usage },
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || 6379),
    db: Number(parsed.pathname.slice(1) || 0),
    secure: parsed.protocol === 'rediss:',
  };
}

/** A script of lua/, which lies beside this file in src/ and in dist/. */
function script(verb: 'save' | 'load'): string {
  return readFileSync(new URL(`./lua/${verb}.lua`, import.meta.url), 'utf8');
}

function closed(server: string): CheckpointError {
  return new CheckpointError(
    'closed',
    `The connection to Redis at ${server} was closed here.`,
    'Open another store.',
  );
}
