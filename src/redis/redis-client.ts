import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions as TlsOptions, type SecureContext } from 'node:tls';
import { Cluster, Redis, type RedisOptions, type Result } from 'ioredis';
import { CheckpointError } from '../pipeline/checkpoint-error.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { SecretSource, TlsSource } from '../tls/tls-material.ts';
import { tlsTrouble } from '../tls/tls-trouble.ts';
import { asksForReconnect } from './redis-trouble.ts';
import type { LoadReply } from './stored-checkpoint.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    saveCheckpoint(...keysAndArguments: (string | Buffer)[]): Result<string, Context>;
    claimSymbols(...keysAndArguments: string[]): Result<string[], Context>;
    loadCheckpointBuffer(...keys: string[]): Result<LoadReply, Context>;
  }
}

export type RedisClient = Redis | Cluster;

/** Replies are as RESP2 has them. */
type Options = Omit<RedisOptions, 'replyMapping'>;

export interface RedisLogin {
  readonly username?: string | undefined;
  readonly password?: SecretSource | undefined;
}

/** Where Redis is, and how it is talked to. Secrets are asked for at each connection. */
export interface RedisWire extends RedisLogin {
  readonly place: RedisPlace;
  /** Undefined: not encrypted, unless the URL is `rediss://`. */
  readonly tls?: TlsSource | undefined;
}

export type RedisPlace =
  /** `redis://host:port/database`, or `rediss://` for TLS. Without a login. */
  | { readonly kind: 'single'; readonly url: string }
  /** Sentinels, `host:port`, that know the primary by the name `master`. */
  | {
      readonly kind: 'sentinel';
      readonly master: string;
      readonly addresses: readonly string[];
      readonly database: number;
      readonly login?: RedisLogin | undefined;
    }
  /** Some nodes, `host:port`. */
  | { readonly kind: 'cluster'; readonly addresses: readonly string[] };

/** What messages call it. */
export function nameOf(place: RedisPlace): string {
  if (place.kind === 'cluster') return `${place.addresses.join(',')} (cluster)`;
  if (place.kind === 'sentinel') return `${place.master} of the Sentinels ${place.addresses.join(',')}`;
  const { host, port } = addressOf(place.url);
  return `${host}:${port}`;
}

/**
 * A client that connects in the background and comes back by itself; commands fail at once while it is away.
 * `onUnreadable` is told of a secret that cannot be read at a reconnection: the one before is used once more.
 * Throws a TidemarkError: REDIS_URL, or what a secret that cannot be read at the start throws.
 */
export function redisClient(
  { place, username, password, tls }: RedisWire,
  timeoutMs: number,
  onUnreadable: (error: unknown) => void,
): RedisClient {
  const login = loginOptions({ username, password }, onUnreadable);
  const tlsOptions = tlsOptionsOf(tls, place, onUnreadable);
  const common: Options = {
    ...PATIENCE,
    ...(tlsOptions && { tls: tlsOptions }),
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs, // else saves would pile up in the socket of a Redis that hangs
  };
  if (place.kind === 'cluster') {
    // A node's connection waits for its handshake: only the cluster as a whole answers at once that it is away.
    const nodeOptions = withGetters({ ...common, enableOfflineQueue: true }, login);
    return clusterClient(place.addresses, nodeOptions, timeoutMs);
  }
  const redis = new Redis({
    ...common,
    ...(place.kind === 'single' ? singleOptions(place.url) : sentinelOptions(place, tlsOptions)),
    retryStrategy: backOffMs,
    lazyConnect: true,
    scripts: scripts(),
  });
  const sentinelLogin = place.kind === 'sentinel' ? loginOptions(place.login ?? {}, onUnreadable) : undefined;
  withGetters(redis.options, login);
  if (sentinelLogin !== undefined) withGetters(redis.options, sentinelLogin, SENTINEL_NAMES);
  redis.connect().catch(toldByTheErrorEvent);
  return redis;
}

const PATIENCE: Options = {
  protocol: 2, // what the scripts return is the same in both, and Redis 5 knows no other
  disableClientInfo: true,
  enableReadyCheck: false, // a Redis that is loading says so to each command
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  disconnectTimeout: 200,
  reconnectOnError: asksForReconnect,
};

function singleOptions(url: string): Options {
  const { host, port, db } = addressOf(url);
  return { host, port, db };
}

function sentinelOptions(
  { master, addresses, database }: RedisPlace & { kind: 'sentinel' },
  tls: TlsOptions | undefined,
): Options {
  return {
    name: master,
    sentinels: addresses.map(hostAndPort),
    db: database,
    sentinelRetryStrategy: backOffMs,
    failoverDetector: true, // the Sentinels tell at once that another is the primary
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function clusterClient(addresses: readonly string[], redisOptions: Options, timeoutMs: number): Cluster {
  return new Cluster(addresses.map(hostAndPort), {
    redisOptions,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    clusterRetryStrategy: backOffMs,
    maxRedirections: 4, // with these waits a command is given up after half a second
    retryDelayOnFailover: 100,
    retryDelayOnClusterDown: 100,
    retryDelayOnTryAgain: 100,
    slotsRefreshTimeout: timeoutMs,
    slotsRefreshInterval: 5_000,
    ...(redisOptions.tls && { dnsLookup: asItIs }),
    scripts: scripts(),
  });
}

/** A certificate names hosts, so a node is asked for by the name that the cluster tells. */
function asItIs(address: string, done: (error: null, address: string) => void): void {
  done(null, address);
}

interface LoginGetters {
  readonly username: string | undefined;
  readonly password: SecretSource | undefined;
}

function loginOptions(
  { username, password }: RedisLogin,
  onUnreadable: (error: unknown) => void,
): LoginGetters {
  return { username, password: password && remembered(password, onUnreadable) };
}

const OWN_NAMES = { username: 'username', password: 'password' } as const;
const SENTINEL_NAMES = { username: 'sentinelUsername', password: 'sentinelPassword' } as const;

/** ioredis reads these options at each connection, so a getter is enough to follow what rotates. */
function withGetters(
  options: Options,
  { username, password }: LoginGetters,
  names: typeof OWN_NAMES | typeof SENTINEL_NAMES = OWN_NAMES,
): Options {
  if (username !== undefined) options[names.username] = username;
  if (password !== undefined)
    Object.defineProperty(options, names.password, { get: password, enumerable: true, configurable: true });
  return options;
}

function tlsOptionsOf(
  tls: TlsSource | undefined,
  place: RedisPlace,
  onUnreadable: (error: unknown) => void,
): TlsOptions | undefined {
  const { secure, host } = place.kind === 'single' ? addressOf(place.url) : { secure: false, host: '' };
  if (tls === undefined && !secure) return undefined;
  const name = host !== '' && isIP(host) === 0 ? { servername: host } : {};
  if (tls === undefined) return name;
  const context = remembered(() => secureContext(tls, nameOf(place)), onUnreadable);
  return {
    ...name,
    get secureContext() {
      return context();
    },
  };
}

function secureContext(tls: TlsSource, server: string): SecureContext {
  const { ca, certificate, privateKey } = tls();
  try {
    return createSecureContext({
      ...(ca && { ca }),
      ...(certificate && { cert: certificate, key: privateKey }),
    });
  } catch (error) {
    const { what, remedy } = tlsTrouble(error as Error, undefined, 0) ?? UNUSABLE;
    throw new CheckpointError('certificate', `Redis at ${server} ${what}.`, remedy);
  }
}

const UNUSABLE = {
  what: 'was not asked: the certificates for it cannot be used',
  remedy: 'Look into the Secrets of spec.redis.tls.',
};

/**
 * What `read` returns, and where it throws, what it returned before: ioredis would never connect again after an error
 * there. The first time is now, and throws.
 */
function remembered<T>(read: () => T, onUnreadable: (error: unknown) => void): () => T {
  let last = read();
  return () => {
    try {
      last = read();
    } catch (error) {
      onUnreadable(error);
    }
    return last;
  };
}

const LONGEST_BACK_OFF_MS = 2000;

/** Exponential, with half of it left to chance, so that processes do not all come back in the same moment. */
function backOffMs(attempt: number): number {
  const atMostMs = Math.min(LONGEST_BACK_OFF_MS, 50 * 2 ** attempt);
  return atMostMs * (0.5 + Math.random() / 2);
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
  };
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

function scripts() {
  return {
    saveCheckpoint: { lua: script('save'), numberOfKeys: 3 },
    claimSymbols: { lua: script('claim'), numberOfKeys: 1 },
    loadCheckpoint: { lua: script('load'), numberOfKeys: 3, readOnly: true },
  };
}

/** A script of lua/, which lies beside this file in src/, and beside the bundle. */
function script(verb: 'save' | 'load' | 'claim'): string {
  return readFileSync(new URL(`./lua/${verb}.lua`, import.meta.url), 'utf8');
}

function toldByTheErrorEvent(): void {
  // The `error` event says the same, at each attempt.
}
