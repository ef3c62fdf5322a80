import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
 * `host`: the address at which clients find it, for those elsewhere. `own`: also where TIDEMARK_TEST_REDIS is set, for tests that kill it.
 */
export async function startRedis({ own = false, host = '127.0.0.1' } = {}): Promise<RedisServer> {
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
  ];
  const server = new ServerProcess('redis-server', setUp('redis-server'), args, () =>
    answersPing(host, port),
  );
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

function answersPing(host: string, port: number): Promise<boolean> {
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
