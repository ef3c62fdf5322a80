import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from './free-ports.ts';
import { ServerProcess } from './server-process.ts';
import { setUp } from './set-up.ts';
import { until } from './until.ts';

/** A real Kafka for one test file. */
export interface KafkaCluster {
  /** Bootstrap servers, `host:port`. */
  readonly brokers: string[];
  /** The brokers' processes, to kill and freeze; none where TIDEMARK_TEST_KAFKA names a running cluster. */
  readonly nodes: readonly ServerProcess[];
  stop(): Promise<void>;
}

/**
 * Starts one broker, or three that replicate (factor 3, min.isr 2), on free ports with fresh log directories.
 * `host`: the address at which clients find it, for those elsewhere. `own`: also where TIDEMARK_TEST_KAFKA is set, for
 * tests that kill brokers. `extra`: more listeners, of one node.
 */
export async function startKafka({
  nodes = 1,
  host = '127.0.0.1',
  extra = NOTHING_MORE,
  own = nodes > 1 || extra !== NOTHING_MORE,
}: Wanted = {}): Promise<KafkaCluster> {
  const existing = process.env.TIDEMARK_TEST_KAFKA;
  if (existing && !own) return { brokers: existing.split(','), nodes: [], stop: () => Promise.resolve() };

  const cache = setUp('kafka-jars');
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-kafka-'));
  const ports = await freePorts(2 * nodes);
  const layout = {
    host,
    folder,
    clientPorts: ports.slice(0, nodes),
    controllerPorts: ports.slice(nodes),
    extra,
  };
  const processes = await Promise.all(
    layout.clientPorts.map(async (_port, index) => {
      const nodeId = index + 1;
      await cp(join(cache, 'formatted', String(nodeId)), join(folder, `log-${nodeId}`), { recursive: true });
      const config = join(folder, `${nodeId}.properties`);
      await writeFile(config, brokerProperties(nodeId, layout));
      return brokerProcess(cache, config, layout, nodeId);
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((node) => node.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  const brokers = layout.clientPorts.map((port) => `${host}:${port}`);
  try {
    await Promise.all(processes.map((node) => node.start()));
    await clusterIsComplete(brokers);
  } catch (error) {
    await stop();
    throw error;
  }
  return { brokers, nodes: processes, stop };
}

/** The class path of the broker and of Kafka's own command-line tools. */
export function kafkaClassPath(cache = setUp('kafka-jars')): string {
  const lib = join(cache, 'lib');
  return readdirSync(lib)
    .map((jar) => join(lib, jar))
    .join(delimiter);
}

interface Wanted {
  readonly nodes?: 1 | 3;
  readonly host?: string;
  readonly own?: boolean;
  readonly extra?: ExtraListeners;
}

/** Listeners beside the one without any security, through which tests do what needs every right. */
export interface ExtraListeners {
  readonly listeners: readonly {
    readonly name: string;
    readonly protocol: 'SSL' | 'SASL_SSL' | 'PLAINTEXT';
    readonly port: number;
    /** `host:port`, where it is another than the address that it listens at. */
    readonly advertised?: string;
  }[];
  readonly settings: Readonly<Record<string, string>>;
  /** Options of the Java process. */
  readonly jvm: readonly string[];
}

const NOTHING_MORE: ExtraListeners = { listeners: [], settings: {}, jvm: [] };

interface Layout {
  readonly host: string;
  readonly folder: string;
  readonly clientPorts: readonly number[];
  readonly controllerPorts: readonly number[];
  readonly extra: ExtraListeners;
}

function brokerProcess(cache: string, config: string, layout: Layout, nodeId: number): ServerProcess {
  const port = layout.clientPorts[nodeId - 1] ?? 0;
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...layout.extra.jvm];
  const args = [...jvm, '-cp', kafkaClassPath(cache), 'kafka.Kafka', config];
  return new ServerProcess(`Kafka node ${nodeId}`, 'java', args, () => listens(layout.host, port));
}

function brokerProperties(
  nodeId: number,
  { host, folder, clientPorts, controllerPorts, extra }: Layout,
): string {
  const replicas = clientPorts.length;
  const inSync = Math.min(2, replicas);
  const listener = `PLAINTEXT://${host}:${clientPorts[nodeId - 1] ?? 0}`;
  const voters = controllerPorts.map((port, index) => `${index + 1}@127.0.0.1:${port}`);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': nodeId,
    'controller.quorum.voters': voters.join(','),
    listeners: [
      listener,
      `CONTROLLER://127.0.0.1:${controllerPorts[nodeId - 1] ?? 0}`,
      ...extra.listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
    ].join(','),
    'advertised.listeners': [
      listener,
      ...extra.listeners.map(
        ({ name, port, advertised }) => `${name}://${advertised ?? `127.0.0.1:${port}`}`,
      ),
    ].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
      ...extra.listeners.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    'log.dirs': join(folder, `log-${nodeId}`),
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    ...extra.settings,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function clusterIsComplete(brokers: string[]): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  try {
    await until('every broker is known', async () => {
      await admin.connect();
      const cluster = await admin.describeCluster();
      return cluster.brokers.length === brokers.length && cluster.controller !== null;
    });
  } finally {
    await admin.disconnect();
  }
}
