import kafkajs, { Kafka, logLevel } from 'kafkajs';
import type { Consumer, PartitionAssigner } from 'kafkajs';
import type { TlsSource } from '../tls/tls-material.ts';
import { brokerSockets } from './broker-socket.ts';
import { compressForKafkajs } from './compress.ts';
import type { EarlyLeave } from './early-leave.ts';
import { clusterFactory } from './kafkajs-internals.ts';
import type { Cluster } from './kafkajs-internals.ts';
import { rememberCoordinators } from './known-coordinators.ts';
import { kafkajsLogs } from './log-creator.ts';
import type { Logger } from './log-creator.ts';
import { saslOptions } from './login.ts';
import type { KafkaLogin } from './login.ts';
import { fetchRaw } from './raw-fetch.ts';
import type { FetchListener } from './raw-fetch.ts';
import { correctRequestQueue } from './request-queue.ts';
import { stickyAssigner } from './sticky-assigner.ts';
import { leaveResponsesUnjoined } from './unjoined-responses.ts';

/** Where the brokers are, and how they are talked to. */
export interface KafkaConnection {
  /** Bootstrap servers, `host:port`. */
  readonly brokers: readonly string[];
  /** Undefined: not encrypted. */
  readonly tls?: TlsSource | undefined;
  /** Undefined: no login, or by certificate. */
  readonly login?: KafkaLogin | undefined;
}

export interface KafkaClientOptions extends KafkaConnection {
  /** The instance's name, as the group's members and the broker's logs show it; on Kubernetes the pod's. */
  readonly clientId: string;
  readonly logger: Logger;
  /** How often a request is tried again, 12 times if left out, about 20 s; fewer for a person who waits. */
  readonly retries?: number;
  /** Whether the logger also gets every request and response, at `debug`. */
  readonly verbose?: boolean;
}

/**
 * The one place that makes a kafkajs client: with its corrections in effect and the settings that hold under
 * transactions and failing brokers. Throws a TidemarkError, KAFKAJS_VERSION, where another kafkajs is installed.
 */
export function kafkaClient({
  brokers,
  clientId,
  tls,
  login,
  logger,
  retries = RETRY.retries,
  verbose = false,
}: KafkaClientOptions): Kafka {
  correctRequestQueue();
  leaveResponsesUnjoined();
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    socketFactory: brokerSockets(tls),
    ...(login === undefined ? {} : { sasl: saslOptions(login) }),
    connectionTimeout: 3000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { ...RETRY, retries },
    logLevel: verbose ? logLevel.DEBUG : logLevel.INFO,
    logCreator: kafkajsLogs(logger),
  });
  correctClusters(kafka);
  return kafka;
}

export interface RawConsumerOptions {
  readonly groupId: string;
  /** How much of one partition a fetch may bring. 1 MB already gives the full rate. */
  readonly maxBytesPerPartition?: number;
  /** How long a fetch waits for records; also how long a paused partition may take to react. */
  readonly maxWaitMs?: number;
  /** Told after each fetch, also where it brought nothing: `nextOffset = lastStableOffset` is the partition's end. */
  readonly onProgress?: FetchListener['onProgress'];
  /** The log does not hold the position any more: seek another. */
  readonly onOutOfRange?: FetchListener['onOutOfRange'];
  /** By which it can leave its group before its fetches have come back. */
  readonly earlyLeave?: EarlyLeave;
  /** Whether a consumer that has failed shall begin anew; it does if left out. */
  readonly restarts?: () => boolean;
}

/**
 * A consumer whose `eachBatch` gets record batches as bytes: see `fetchedRecords`. Partitions are assigned stickily.
 * Run it with `autoCommit: false`: offsets go through the transaction.
 */
export function rawConsumer(kafka: Kafka, options: RawConsumerOptions): Consumer {
  const assigner: PartitionAssigner = ({ cluster }) => {
    const own = cluster as unknown as Cluster;
    fetchRaw(own, options);
    options.earlyLeave?.follow(own);
    return stickyAssigner(own);
  };
  return kafka.consumer({
    groupId: options.groupId,
    partitionAssigners: [assigner],
    sessionTimeout: 6000, // the least that brokers allow by default
    rebalanceTimeout: 10_000,
    heartbeatInterval: 100, // a rebalance is noticed at the next one, and everybody waits for the last to notice
    maxWaitTimeInMs: options.maxWaitMs ?? 200,
    maxBytesPerPartition: options.maxBytesPerPartition ?? 1024 * 1024,
    maxBytes: 32 * 1024 * 1024,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(options.restarts?.() ?? true) },
  });
}

/** Less than a transaction may last: a request that takes longer has lost its transaction anyway. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The default first wait of 300 ms shows in every CONCURRENT_TRANSACTIONS; 12 retries last about 20 s in all. */
const RETRY = { initialRetryTime: 30, multiplier: 2, maxRetryTime: 3000, retries: 12 };

/** Inside a transaction kafkajs forgets to pass the retry options on: a fence over an open transaction took 300 ms. */
function correctClusters(kafka: Kafka): void {
  const { create, replace } = clusterFactory(kafka);
  replace((options) => {
    const cluster = create.call(kafka, options);
    cluster.retry = RETRY;
    rememberCoordinators(cluster);
    return cluster;
  });
}

// kafkajs itself knows gzip only. For outputs, and for clients of it that decode records themselves.
Object.assign(kafkajs.CompressionCodecs, {
  [kafkajs.CompressionTypes.Snappy]: compressForKafkajs('snappy'),
  [kafkajs.CompressionTypes.LZ4]: compressForKafkajs('lz4'),
  [kafkajs.CompressionTypes.ZSTD]: compressForKafkajs('zstd'),
});
