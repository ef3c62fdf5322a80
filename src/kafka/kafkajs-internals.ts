import type { Kafka, Mechanism } from 'kafkajs';
import manifest from 'kafkajs/package.json' with { type: 'json' };
import oauthBearer from 'kafkajs/src/broker/saslAuthenticator/oauthBearer.js';
import plain from 'kafkajs/src/broker/saslAuthenticator/plain.js';
import scram256 from 'kafkajs/src/broker/saslAuthenticator/scram256.js';
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import errors from 'kafkajs/src/protocol/error.js';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/index.js';
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js';
import produceResponse from 'kafkajs/src/protocol/requests/produce/v7/response.js';
import { TidemarkError } from '../pipeline/error.ts';

/**
 * The parts of kafkajs that are no part of its interface and that this folder relies on, with where they are. All of
 * them were read in this very version, and so `internals()` refuses any other.
 */
export const KAFKAJS_VERSION = '2.2.4';

/** src/cluster/index.js: a client's view of the cluster; consumers, producers and admins have one each. */
export interface Cluster {
  /** Options of the retries inside transactions (src/producer/eosManager/index.js reads it; nobody sets it). */
  retry?: { initialRetryTime: number; maxRetryTime: number; retries: number };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(node: { nodeId: string }): Promise<Broker>;
  findGroupCoordinator(group: { groupId: string; coordinatorType?: 0 | 1 }): Promise<Broker>;
  /** Also fetches the metadata of topics that it does not know yet. */
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  /** By the leader's node id. Throws where a partition has no leader now. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  /** Any broker that answers. */
  brokerPool: { findConnectedBroker(): Promise<Broker> };
}

/** src/broker/index.js */
export interface Broker {
  connectionPool: { send(request: ProtocolRequest): Promise<unknown> };
  /** Picks the newest version that both sides know. */
  lookupRequest(apiKey: number, definition: RequestDefinition): (options: object) => ProtocolRequest;
  isConnected(): boolean;
  disconnect(): Promise<void>;
  fetch(request: FetchRequest): Promise<unknown>;
  joinGroup(request: object): Promise<unknown>;
  heartbeat(request: object): Promise<unknown>;
  syncGroup(request: SyncGroupRequest): Promise<{ memberAssignment: Buffer }>;
  initProducerId(request: {
    transactionalId: string;
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(request: ProducerIdentity & { topics: readonly object[] }): Promise<unknown>;
  addOffsetsToTxn(request: ProducerIdentity & { groupId: string }): Promise<unknown>;
  txnOffsetCommit(
    request: ProducerIdentity & { groupId: string; topics: readonly object[] },
  ): Promise<unknown>;
  endTxn(request: ProducerIdentity & { transactionResult: boolean }): Promise<unknown>;
  /** `coordinatorType`: 0 of a group, 1 of a transactional id. */
  findGroupCoordinator(request: {
    groupId: string;
    coordinatorType: number;
  }): Promise<{ coordinator: { nodeId: number } }>;
  describeGroups(request: { groupIds: string[] }): Promise<{ groups: DescribedGroup[] }>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
}

/** src/protocol/encoder.js, and what it is used for here. */
export interface Encoder {
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string): Encoder;
  writeBuffer(value: Buffer): Encoder;
}

/** src/protocol/requests/<name>/index.js */
export interface RequestDefinition {
  readonly versions: string[];
  protocol(chosen: { version: number }): (options: object) => ProtocolRequest;
}

/** What src/network/connection.js sends and decodes. */
export interface ProtocolRequest {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName?: string;
    readonly encode?: () => Promise<unknown>;
  };
  readonly response: {
    decode(bytes: Buffer): Promise<object>;
    parse(decoded: unknown): Promise<unknown>;
  };
}

/** src/broker/index.js, fetch(): what src/consumer/consumerGroup.js asks for. */
export interface FetchRequest {
  readonly isolationLevel: number;
  readonly maxWaitTime?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly topics: {
    topic: string;
    partitions: { partition: number; fetchOffset: string; maxBytes: number }[];
  }[];
}

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupAssignment: unknown;
}

/** src/protocol/requests/describeGroups/v2/response.js */
export interface DescribedGroup {
  readonly errorCode: number;
  readonly state: string;
  readonly members: readonly { readonly memberId: string; readonly clientId: string }[];
}

/** src/network/requestQueue/index.js */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly enforceRequestTimeout: boolean;
  readonly requestTimeout: number;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  readonly inflight: ReadonlyMap<
    number,
    { readonly sentAt: number | null; readonly requestTimeout: number; timeoutRequest(): void }
  >;
  isConnected(): boolean;
  /** Clears both timers. */
  destroy(): void;
  scheduleRequestTimeoutCheck(): void;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** src/network/connection.js */
export interface Connection {
  /** Bytes of a response that has not come whole, in the order in which they came. */
  chunks: Buffer[];
  readonly bytesBuffered: number;
  /** Takes what a socket brought. */
  processData: (this: Connection, bytes: Buffer) => void;
}

export interface Internals {
  readonly Connection: { readonly prototype: Connection };
  readonly RequestQueue: { readonly prototype: RequestQueue };
  readonly fetch: RequestDefinition;
  readonly produceResponse: ProtocolRequest['response'];
  readonly Encoder: new () => Encoder;
  /** src/protocol/error.js: the error of a code. */
  errorOf(code: number): Error;
  /** Of the Java client's partitioner. */
  murmur2(key: Buffer): number;
  /** Castagnoli's, as record batches have it; unsigned. */
  crc32C(bytes: Buffer): number;
  /** src/broker/saslAuthenticator/: they read their options when they authenticate. */
  readonly authenticators: Readonly<
    Record<'plain' | 'scram256' | 'scram512' | 'oauthBearer', AuthenticatorOf>
  >;
}

export type AuthenticatorOf = (options: object) => Mechanism['authenticationProvider'];

/** Throws a TidemarkError, KAFKAJS_VERSION, where another version of kafkajs is installed. */
export function internals(): Internals {
  loaded ??= load();
  return loaded;
}

let loaded: Internals | undefined;

function load(): Internals {
  refuseOtherVersion(manifest.version);
  return {
    Connection: Connection as Internals['Connection'],
    RequestQueue: RequestQueue as Internals['RequestQueue'],
    fetch: fetch as RequestDefinition,
    produceResponse: produceResponse as Internals['produceResponse'],
    Encoder: Encoder as Internals['Encoder'],
    errorOf: (errors as { createErrorFromCode: Internals['errorOf'] }).createErrorFromCode,
    murmur2: murmur2 as Internals['murmur2'],
    crc32C: crc32C as Internals['crc32C'],
    authenticators: {
      plain: plain as AuthenticatorOf,
      scram256: scram256 as AuthenticatorOf,
      scram512: scram512 as AuthenticatorOf,
      oauthBearer: oauthBearer as AuthenticatorOf,
    },
  };
}

export function refuseOtherVersion(version: string): void {
  if (version === KAFKAJS_VERSION) return;
  throw new TidemarkError(
    'KAFKAJS_VERSION',
    `kafkajs ${version} is installed; src/kafka corrects parts of it that were read in ${KAFKAJS_VERSION}.`,
    `Install kafkajs ${KAFKAJS_VERSION}, as package.json says.`,
  );
}

/** src/index.js: the method of a `Kafka` by which it makes the cluster of each consumer, producer and admin. */
export function clusterFactory(kafka: Kafka): {
  create: CreateCluster;
  replace: (create: CreateCluster) => void;
} {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const methods = kafka as unknown as Record<symbol, CreateCluster>;
  if (!name) throw new Error('kafkajs has no private:Kafka:createCluster.');
  return {
    create: methods[name],
    replace: (create) => {
      methods[name] = create;
    },
  };
}

export type CreateCluster = (options: {
  metadataMaxAge?: number;
  allowAutoTopicCreation?: boolean;
}) => Cluster;
