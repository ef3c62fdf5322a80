import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts } from './free-ports.ts';
import { answersPing } from './redis-server.ts';
import { ServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';
import { until } from './until.ts';

/** A primary with a replica, watched by three Sentinels. */
export interface SentinelRedis {
  /** The Sentinels, `host:port`. */
  readonly addresses: string[];
  readonly master: string;
  /** Kills the primary; resolves when the Sentinels have made the replica the primary. */
  failOver(): Promise<void>;
  /** A client of whoever is the primary now. */
  primary(): Redis;
  stop(): Promise<void>;
}

const MASTER = 'mymaster';

export async function startSentinelRedis(): Promise<SentinelRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-sentinel-'));
  const [first, second, ...sentinels] = (await freePorts(5)) as [number, number, ...number[]];
  const common = ['--bind', '127.0.0.1', '--save', '', '--dir', folder, '--repl-diskless-sync-delay', '0'];
  const server = (port: number, ...more: string[]): ServerProcess =>
    redisProcess('redis-server', ['--port', String(port), ...common, ...more], port);
  const servers = [server(first), server(second, '--replicaof', '127.0.0.1', String(first))];
  const watchers = sentinels.map((port) => {
    const config = join(folder, `sentinel-${port}.conf`);
    writeFileSync(config, sentinelConfig(port, first));
    return redisProcess('redis-sentinel', [config, '--sentinel'], port);
  });
  const stop = async (): Promise<void> => {
    await Promise.all([...servers, ...watchers].map((each) => each.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  const ask = new Redis({ host: '127.0.0.1', port: sentinels[0], lazyConnect: true });
  try {
    await Promise.all(servers.map((each) => each.start()));
    await Promise.all(watchers.map((each) => each.start()));
    await until('the Sentinels know the replica and each other', async () => {
      const state = pairs((await ask.call('SENTINEL', 'MASTER', MASTER)) as string[]);
      return state['num-slaves'] === '1' && state['num-other-sentinels'] === '2';
    });
  } catch (error) {
    ask.disconnect();
    await stop();
    throw error;
  }
  const primaryPort = async (): Promise<number> =>
    Number(((await ask.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)) as string[])[1]);
  return {
    addresses: sentinels.map((port) => `127.0.0.1:${port}`),
    master: MASTER,
    failOver: async () => {
      const before = await primaryPort();
      await servers[before === first ? 0 : 1].kill();
      await until('another is the primary', async () => (await primaryPort()) !== before, 60_000);
    },
    primary: () => {
      const made = new Redis({
        sentinels: sentinels.map((port) => ({ host: '127.0.0.1', port })),
        name: MASTER,
        commandTimeout: 1000,
      });
      made.on('error', ignoredOfAKilledPrimary);
      return made;
    },
    stop: async () => {
      ask.disconnect();
      await stop();
    },
  };
}

function redisProcess(name: string, args: readonly string[], port: number): ServerProcess {
  return new ServerProcess(name, setUp('redis-server'), args, () => answersPing(port));
}

function sentinelConfig(port: number, primary: number): string {
  return `port ${port}
bind 127.0.0.1
sentinel monitor ${MASTER} 127.0.0.1 ${primary} 2
sentinel down-after-milliseconds ${MASTER} 1000
sentinel failover-timeout ${MASTER} 5000
`;
}

function pairs(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]),
  );
}

function ignoredOfAKilledPrimary(): void {
  // A test that kills the primary expects it.
}
