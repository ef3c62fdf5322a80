import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { ServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';

/** A Redis for one test file. `server` is missing where TIDEMARK_TEST_REDIS names a running one. */
export interface RedisServer {
  readonly url: string;
  readonly server: ServerProcess | undefined;
  stop(): Promise<void>;
}

/**
 * Starts an empty redis-server on a free port, without persistence: what is killed comes back empty.
 * `host`: the address at which clients find it, for those elsewhere. `own`: also where TIDEMARK_TEST_REDIS is set, for
 * tests that kill it. `settings`: more of redis.conf, as options.
 */
export async function startRedis({
  own = false,
  host = '127.0.0.1',
  settings = [],
  program = 'redis-server',
}: {
  own?: boolean;
  host?: string;
  settings?: readonly string[];
  program?: 'redis-server' | 'valkey-server';
} = {}): Promise<RedisServer> {
  const existing = process.env.TIDEMARK_TEST_REDIS;
  if (existing && !own) return { url: existing, server: undefined, stop: () => Promise.resolve() };

  const [port] = (await freePorts(1)) as [number];
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-'));
  const args = [
    '--port',
    String(port),
    '--bind',
    host,
    '--protected-mode',
    'no',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
    ...settings,
  ];
  const server = new ServerProcess(program, setUp(program), args, () => answersPing(port, host));
  await server.start();
  return {
    url: `redis://${host}:${port}`,
    server,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface SecuredRedis extends RedisServer {
  /** `rediss://`, for clients with a certificate of the authority. */
  readonly secureUrl: string;
}

/** One that also listens with TLS and asks for a certificate; users as `ACL SETUSER` has them. */
export async function startSecuredRedis(
  folder: string,
  authority: Authority,
  users: readonly string[],
): Promise<SecuredRedis> {
  const [port] = (await freePorts(1)) as [number];
  const { certificate, privateKey } = authority.issue('redis');
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const tls = [
    ...['--tls-port', String(port), '--tls-auth-clients', 'yes'],
    ...['--tls-cert-file', file('redis.crt', certificate), '--tls-key-file', file('redis.key', privateKey)],
    ...['--tls-ca-cert-file', file('redis-ca.crt', authority.certificate)],
  ];
  const logins = users.flatMap((user) => ['--user', ...user.split(' ')]);
  const redis = await startRedis({ own: true, settings: [...tls, ...logins] });
  return { ...redis, secureUrl: `rediss://127.0.0.1:${port}` };
}

export function answersPing(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const answer = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(1000, () => {
      answer(false);
    });
    socket.once('error', () => {
      answer(false);
    });
    socket.once('data', (bytes) => {
      answer(bytes.toString().startsWith('+PONG'));
    });
    socket.write('PING\r\n');
  });
}
