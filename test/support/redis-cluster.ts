import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { freePorts } from './free-ports.ts';
import { answersPing } from './redis-server.ts';
import { ServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';
import { until } from './until.ts';

/** Three masters, each with a replica. */
export interface RedisClusterServers {
  /** The nodes, `host:port`. */
  readonly addresses: string[];
  /** Kills the master that keeps a key; resolves when its replica has taken over. */
  failOver(key: string): Promise<void>;
  client(): Cluster;
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;

export async function startRedisCluster(): Promise<RedisClusterServers> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-cluster-'));
  const ports = await freePorts(4 * MASTERS);
  const nodePorts = ports.slice(0, 2 * MASTERS);
  const servers = new Map(
    nodePorts.map((port, i) => [port, nodeProcess(folder, port, ports[2 * MASTERS + i])]),
  );
  const clients = nodePorts.map((port) => new Redis({ host: '127.0.0.1', port, lazyConnect: true }));
  for (const client of clients) client.on('error', ignoredOfKilledNodes);
  const stop = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
    await Promise.all([...servers.values()].map((each) => each.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([...servers.values()].map((each) => each.start()));
    await form(clients, nodePorts, ports.slice(2 * MASTERS));
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = nodePorts.map((port) => `127.0.0.1:${port}`);
  const client = (): Cluster => {
    const nodes = nodePorts.map((port) => ({ host: '127.0.0.1', port }));
    const made = new Cluster(nodes, { redisOptions: { commandTimeout: 1000 }, slotsRefreshInterval: 1000 });
    made.on('error', ignoredOfKilledNodes);
    return made;
  };
  return {
    addresses,
    client,
    failOver: async (key) => {
      const before = await ownerOf(clients, key);
      await servers.get(before)?.kill();
      await until('another node keeps the key', async () => (await ownerOf(clients, key)) !== before, 60_000);
    },
    stop,
  };
}

function nodeProcess(folder: string, port: number, busPort: number): ServerProcess {
  const own = join(folder, String(port));
  mkdirSync(own);
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', own],
    ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '1500'],
    ...['--repl-diskless-sync-delay', '0'],
  ];
  return new ServerProcess('redis cluster node', setUp('redis-server'), args, () => answersPing(port));
}

async function form(
  clients: readonly Redis[],
  ports: readonly number[],
  busPorts: readonly number[],
): Promise<void> {
  const share = Math.ceil(SLOTS / MASTERS);
  const masters = clients.slice(0, MASTERS);
  await Promise.all(
    masters.map((client, i) =>
      client.call('CLUSTER', 'ADDSLOTSRANGE', i * share, Math.min(SLOTS, (i + 1) * share) - 1),
    ),
  );
  for (const client of clients.slice(1))
    await client.call('CLUSTER', 'MEET', '127.0.0.1', ports[0], busPorts[0]);
  await until('the nodes know each other', () => everyNode(clients, 'cluster_known_nodes:6'));
  await Promise.all(
    clients.slice(MASTERS).map(async (client, i) => {
      const master = String(await masters[i].call('CLUSTER', 'MYID'));
      await until('the replica knows its master', () => client.call('CLUSTER', 'REPLICATE', master));
    }),
  );
  await until('the cluster is up', () => everyNode(clients, 'cluster_state:ok'));
  await until('the replicas are in step', async () => {
    const infos = await Promise.all(clients.slice(MASTERS).map((client) => client.info('replication')));
    return infos.every((info) => info.includes('master_link_status:up'));
  });
  await until('every node knows the replicas', async () => {
    const views = await Promise.all(clients.map((client) => client.call('CLUSTER', 'NODES')));
    return views.every((view) => String(view).match(/ (myself,)?slave /g)?.length === MASTERS);
  });
}

async function everyNode(clients: readonly Redis[], line: string): Promise<boolean> {
  const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')));
  return infos.every((info) => String(info).includes(line));
}

/** The port of the node that keeps the key, as the first node that answers knows it. */
async function ownerOf(clients: readonly Redis[], key: string): Promise<number> {
  for (const client of clients) {
    if (client.status === 'reconnecting') continue;
    try {
      const slot = Number(await client.call('CLUSTER', 'KEYSLOT', key));
      const ranges = (await client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      if (range !== undefined) return range[2][1];
    } catch {
      // a node that was killed; the next one answers
    }
  }
  throw new Error('No node of the cluster answers.');
}

function ignoredOfKilledNodes(): void {
  // A test that kills a node expects it.
}
