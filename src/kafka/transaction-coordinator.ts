import { setTimeout as delay } from 'node:timers/promises';
import { finalizedFeatures } from './finalized-features.ts';
import type { Broker, Cluster } from './kafkajs-internals.ts';
import { protocolType } from './producer-error.ts';
import { commitOffset, endTransaction, TRANSACTION_VERSION } from './transactions-of-version-2.ts';

export interface CoordinatorOptions {
  readonly transactionalId: string;
  readonly groupId: string;
  /** How long the broker lets a transaction stay open. */
  readonly timeoutMs: number;
}

/** Which partitions a transaction writes to. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/**
 * The requests of KIP-98 that lie around the records of a transaction, to the brokers that coordinate the
 * transactional id and the group. Those that have had no effect yet, because a coordinator moves or the markers of
 * the transaction before are still being written, are asked again; everything else is thrown as it came.
 */
export class TransactionCoordinator {
  readonly #cluster: Cluster;
  readonly #options: CoordinatorOptions;
  #producerId = -1;
  #producerEpoch = -1;
  #joinsByWriting = false;

  constructor(cluster: Cluster, options: CoordinatorOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  get producerId(): number {
    return this.#producerId;
  }

  get producerEpoch(): number {
    return this.#producerEpoch;
  }

  /** Whether partitions join a transaction by being written to; known from the fence on. */
  get joinsByWriting(): boolean {
    return this.#joinsByWriting;
  }

  /** A new epoch: whoever had the transactional id before is fenced, and a transaction left open is aborted. */
  async fence(): Promise<void> {
    const { transactionalId, timeoutMs } = this.#options;
    const [{ producerId, producerEpoch }, features] = await Promise.all([
      this.#ask(TRANSACTION, (broker) =>
        broker.initProducerId({ transactionalId, transactionTimeout: timeoutMs }),
      ),
      this.#ask(TRANSACTION, finalizedFeatures),
    ]);
    this.#joinsByWriting = (features.get(TRANSACTION_VERSION) ?? 0) >= 2;
    this.#producerId = Number(producerId);
    this.#producerEpoch = producerEpoch;
  }

  async addPartitions(topics: readonly TopicPartitions[]): Promise<void> {
    if (this.#joinsByWriting) return;
    await this.#ask(TRANSACTION, (broker) => broker.addPartitionsToTxn({ ...this.#identity, topics }));
  }

  async moveOffset(topic: string, partition: number, offset: number, metadata: string): Promise<void> {
    const { groupId } = this.#options;
    if (this.#joinsByWriting) {
      const moved = { groupId, topic, partition, offset, metadata };
      await this.#ask(GROUP, (broker) => commitOffset(broker, this.#identity, moved));
      return;
    }
    await this.#ask(TRANSACTION, (broker) => broker.addOffsetsToTxn({ ...this.#identity, groupId }));
    const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }];
    await this.#ask(GROUP, (broker) => broker.txnOffsetCommit({ ...this.#identity, groupId, topics }));
  }

  async commit(): Promise<void> {
    if (this.#joinsByWriting) {
      const next = await this.#ask(TRANSACTION, (broker) => endTransaction(broker, this.#identity));
      this.#producerId = next.producerId;
      this.#producerEpoch = next.producerEpoch;
      return;
    }
    await this.#ask(TRANSACTION, (broker) => broker.endTxn({ ...this.#identity, transactionResult: true }));
  }

  get #identity() {
    return {
      transactionalId: this.#options.transactionalId,
      producerId: String(this.#producerId),
      producerEpoch: this.#producerEpoch,
    };
  }

  async #ask<T>(coordinatorType: 0 | 1, request: (broker: Broker) => Promise<T>): Promise<T> {
    const { transactionalId, groupId, timeoutMs } = this.#options;
    const id = coordinatorType === TRANSACTION ? transactionalId : groupId;
    const giveUpAtMs = performance.now() + timeoutMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        return await request(await this.#cluster.findGroupCoordinator({ groupId: id, coordinatorType }));
      } catch (error) {
        const isPassing = WITHOUT_EFFECT.has(protocolType(error) ?? '');
        if (!isPassing || performance.now() + waitMs > giveUpAtMs) throw error;
      }
      await delay(waitMs);
    }
  }
}

const GROUP = 0;
const TRANSACTION = 1;
/** The markers of a small transaction are written within milliseconds. */
const FIRST_WAIT_MS = 3;
const LONGEST_WAIT_MS = 100;

/** Answers that leave everything as it was, in kafkajs's names (src/protocol/error.js). */
const WITHOUT_EFFECT = new Set([
  'CONCURRENT_TRANSACTIONS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);
