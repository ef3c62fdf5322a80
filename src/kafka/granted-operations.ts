import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { clusterFactory, internals } from './kafkajs-internals.ts';
import type { Broker, Cluster, RequestDefinition } from './kafkajs-internals.ts';
import { protocolType } from './producer-error.ts';
import { Reader } from './reader.ts';

/** What a broker says of one topic to this user. */
export interface TopicStanding {
  readonly topic: string;
  /** `unseen`: this user may not even know whether it exists. */
  readonly state: 'there' | 'missing' | 'unseen';
  readonly partitions: number;
  readonly granted: Granted;
}

export interface GroupStanding {
  readonly state: 'there' | 'unseen';
  readonly granted: Granted;
}

/** A node of the cluster as it advertises itself, `host:port`. */
export interface Standing {
  readonly brokers: readonly string[];
  readonly topics: readonly TopicStanding[];
}

export interface Granted {
  has(operation: 'Read' | 'Write' | 'Describe'): boolean;
}

/**
 * What this user may do with each topic (KIP-430), asked of one broker: a cluster without an authorizer, or one that
 * does not tell, grants everything. Throws what kafkajs throws.
 */
export async function topicStanding(kafka: Kafka, topics: readonly string[]): Promise<Standing> {
  return withCluster(kafka, async (cluster) => {
    const broker = await cluster.brokerPool.findConnectedBroker();
    const bytes = await ask(broker, METADATA, 8, [
      array(topics.map(string)),
      Buffer.from([NO_TOPIC_CREATION, NOT_THE_CLUSTER, WITH_OPERATIONS]),
    ]);
    return readMetadata(new Reader(bytes));
  });
}

/** The same of a consumer group, asked of its coordinator. */
export async function groupStanding(kafka: Kafka, groupId: string): Promise<GroupStanding> {
  return withCluster(kafka, async (cluster) => {
    const coordinator = await coordinatorOf(cluster, groupId, GROUP);
    if (coordinator === undefined) return { state: 'unseen', granted: NOTHING };
    const bytes = await ask(coordinator, DESCRIBE_GROUPS, 3, [
      array([string(groupId)]),
      Buffer.from([WITH_OPERATIONS]),
    ]);
    return readGroup(new Reader(bytes));
  });
}

/**
 * Whether this user may know of a transactional id; nothing is changed by asking. Kafka tells no more of one: whether
 * it may be written to shows when a producer begins.
 */
export async function transactionalIdIsSeen(kafka: Kafka, transactionalId: string): Promise<boolean> {
  return withCluster(
    kafka,
    async (cluster) => (await coordinatorOf(cluster, transactionalId, TRANSACTION)) !== undefined,
  );
}

/**
 * Undefined where this user may not know of it, which kafkajs would not tell. A coordinator that is being found or
 * loaded, or whose node is away, is waited for.
 */
async function coordinatorOf(
  cluster: Cluster,
  groupId: string,
  coordinatorType: number,
): Promise<Broker | undefined> {
  for (const until = Date.now() + COORDINATOR_WITHIN_MS; ;) {
    try {
      const broker = await cluster.brokerPool.findConnectedBroker();
      const { coordinator } = await broker.findGroupCoordinator({ groupId, coordinatorType });
      await cluster.refreshMetadata();
      return await cluster.findBroker({ nodeId: String(coordinator.nodeId) });
    } catch (error) {
      const type = protocolType(error) ?? '';
      if (type.endsWith('_AUTHORIZATION_FAILED')) return undefined;
      if (!mayPass(error, type) || Date.now() > until) throw error;
      await delay(COORDINATOR_RETRY_MS);
    }
  }
}

/** COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS as kafkajs calls them, and lost connections. */
function mayPass(error: unknown, type: string): boolean {
  const name = error instanceof Error ? error.name : '';
  return /^GROUP_(COORDINATOR|LOAD)/.test(type) || /^KafkaJS(Connection|BrokerNotFound)/.test(name);
}

const GROUP = 0;
const TRANSACTION = 1;
const COORDINATOR_RETRY_MS = 50;
const COORDINATOR_WITHIN_MS = 10_000;
const NOTHING: Granted = { has: () => false };

const METADATA = 3;
const DESCRIBE_GROUPS = 15;
const NO_TOPIC_CREATION = 0;
const NOT_THE_CLUSTER = 0;
const WITH_OPERATIONS = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const INVALID_TOPIC = 17; // no topic may be called so

async function withCluster<T>(kafka: Kafka, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = clusterFactory(kafka).create.call(kafka, { allowAutoTopicCreation: false });
  try {
    await cluster.connect();
    return await work(cluster);
  } finally {
    await cluster.disconnect();
  }
}

/** kafkajs knows older versions of these requests only. */
async function ask(
  broker: Broker,
  apiKey: number,
  version: number,
  body: readonly Buffer[],
): Promise<Buffer> {
  const definition: RequestDefinition = {
    versions: [String(version)],
    protocol: () => () => ({
      request: {
        apiKey,
        apiName: apiKey === METADATA ? 'Metadata' : 'DescribeGroups',
        apiVersion: version,
        encode: () => Promise.resolve(new (internals().Encoder)().writeBuffer(Buffer.concat(body))),
      },
      response: {
        decode: (bytes: Buffer) => Promise.resolve({ bytes }),
        parse: (decoded: unknown) => Promise.resolve((decoded as { bytes: Buffer }).bytes),
      },
    }),
  };
  return (await broker.connectionPool.send(broker.lookupRequest(apiKey, definition)({}))) as Buffer;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function array(items: readonly Buffer[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeInt32BE(items.length);
  return Buffer.concat([count, ...items]);
}

/** https://kafka.apache.org/protocol#The_Messages_Metadata, response version 8. */
function readMetadata(reader: Reader): Standing {
  reader.int32(); // throttled for, in ms
  const brokers = reader.array(() => {
    reader.int32(); // node id
    const host = reader.string();
    const port = reader.int32();
    reader.string(); // rack
    return `${host}:${port}`;
  });
  reader.string(); // cluster id
  reader.int32(); // controller
  const topics = reader.array((): TopicStanding => {
    const errorCode = reader.int16();
    const topic = reader.string();
    reader.int8(); // internal
    const partitions = reader.array(() => {
      reader.int16(); // error
      for (let i = 0; i < 3; i++) reader.int32(); // partition, leader, leader's epoch
      for (let i = 0; i < 3; i++) reader.array(() => reader.int32()); // replicas, those in sync, those away
    }).length;
    return { topic, state: topicState(errorCode), partitions, granted: operations(reader.int32()) };
  });
  return { brokers, topics };
}

function topicState(errorCode: number): TopicStanding['state'] {
  if (errorCode === UNKNOWN_TOPIC_OR_PARTITION || errorCode === INVALID_TOPIC) return 'missing';
  return errorCode === TOPIC_AUTHORIZATION_FAILED ? 'unseen' : 'there';
}

/** https://kafka.apache.org/protocol#The_Messages_DescribeGroups, response version 3. */
function readGroup(reader: Reader): GroupStanding {
  reader.int32(); // throttled for, in ms
  const [group] = reader.array((): GroupStanding => {
    const errorCode = reader.int16();
    for (let i = 0; i < 4; i++) reader.string(); // group, state, protocol type, protocol
    reader.array(() => {
      for (let i = 0; i < 3; i++) reader.string(); // member, client, host
      for (let i = 0; i < 2; i++) reader.bytes(); // metadata, assignment
    });
    const granted = operations(reader.int32());
    return { state: errorCode === GROUP_AUTHORIZATION_FAILED ? 'unseen' : 'there', granted };
  });
  return group;
}

const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;

/** A bit for each operation, by the codes of org.apache.kafka.common.acl.AclOperation. */
function operations(bits: number): Granted {
  return { has: (operation) => bits === NOT_TOLD || (bits & (1 << CODES[operation])) !== 0 };
}

const NOT_TOLD = -(2 ** 31);
const CODES = { Read: 3, Write: 4, Describe: 8 };
