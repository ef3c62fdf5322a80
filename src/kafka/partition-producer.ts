import type { Kafka, Producer, Transaction } from 'kafkajs';
import { CompressionTypes, Partitioners } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { producerError, protocolType } from './producer-error.ts';
import { sendChunks } from './send-chunks.ts';

/** A record to write; the partition follows from the key, as in the Java client. */
export interface OutputRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What one transaction moves: results out, and the input's offset on. */
export interface Commit {
  readonly records: readonly { readonly topic: string; readonly records: readonly OutputRecord[] }[];
  /** The offset to read next. */
  readonly offset: number;
  /** Kept with the offset; brokers allow 4,096 bytes by default. */
  readonly metadata: string;
}

export interface PartitionProducerOptions {
  /** The same for whoever owns the partition: `<pipeline>-<topic>-<partition>`. */
  readonly transactionalId: string;
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** How long a zombie's open transaction may block readers; also how long a commit may last. */
  readonly transactionTimeoutMs?: number;
}

/**
 * The transactional producer of one input partition. Whoever has called `fence()` last owns the transactional id:
 * every call of an earlier owner fails from then on (KIP-98).
 *
 *   new ──fence()──▶ ready ──commit()──▶ ready ──▶ …        any error, discard() ──▶ gone
 *
 * There is no way back from an error: kafkajs would lose the next batch in silence if the producer were used on.
 */
export class PartitionProducer {
  readonly #producer: Producer;
  readonly #options: PartitionProducerOptions;
  #state: 'new' | 'ready' | 'busy' | 'gone' = 'new';

  constructor(kafka: Kafka, options: PartitionProducerOptions) {
    this.#options = options;
    this.#producer = kafka.producer({
      transactionalId: options.transactionalId,
      transactionTimeout: options.transactionTimeoutMs ?? 15_000,
      maxInFlightRequests: 1, // keeps the order; `idempotent` would get in the way of the transactional id
      createPartitioner: Partitioners.DefaultPartitioner, // the Java client's
      allowAutoTopicCreation: false,
      retry: NEVER_SEND_AGAIN,
    });
  }

  /** Makes every earlier owner a zombie, and aborts the transaction it may have left open. Throws a ProducerError. */
  fence(): Promise<void> {
    return this.#use('new', async () => {
      await this.#producer.connect();
      const transaction = await this.#producer.transaction(); // InitProducerId is what fences
      await transaction.abort();
    });
  }

  /** Writes the records and moves the offset, both or neither. One at a time. Throws a ProducerError. */
  commit(commit: Commit): Promise<void> {
    return this.#use('ready', async () => {
      const transaction = await this.#producer.transaction();
      // The offset first: it waits until the markers of the transaction before are written, and `send` may not.
      await this.#moveOffset(transaction, commit);
      await sendChunks(transaction, commit.records, COMPRESSION[this.#options.compression ?? 'none']);
      await transaction.commit();
    });
  }

  /** Closes the connections. An open transaction ends with the next owner's fence. */
  async discard(): Promise<void> {
    this.#state = 'gone';
    await this.#producer.disconnect();
  }

  async #use(from: 'new' | 'ready', work: () => Promise<void>): Promise<void> {
    const { transactionalId } = this.#options;
    if (this.#state !== from) throw new Error(`Producer ${transactionalId} is ${this.#state}, not ${from}.`);
    this.#state = 'busy';
    try {
      await work();
    } catch (error) {
      this.#discardDetached();
      throw producerError(transactionalId, error);
    }
    this.#becomeReady();
  }

  /** Unless `discard()` has come in between. */
  #becomeReady(): void {
    if (this.#state === 'busy') this.#state = 'ready';
  }

  async #moveOffset(transaction: Transaction, { offset, metadata }: Commit): Promise<void> {
    const { groupId, topic, partition } = this.#options;
    // The type lacks `metadata`, the request has it.
    const position = { partition, offset: String(offset), metadata };
    const offsets = { consumerGroupId: groupId, topics: [{ topic, partitions: [position] }] };
    for (const until = Date.now() + MARKERS_WITHIN_MS; ;) {
      try {
        await transaction.sendOffsets(offsets);
        return;
      } catch (error) {
        if (protocolType(error) !== 'CONCURRENT_TRANSACTIONS' || Date.now() > until) throw error;
        await delay(MARKERS_RETRY_MS);
      }
    }
  }

  /** Not awaited: a broker that hangs would hold it until the request's time-out, and nothing depends on it. */
  #discardDetached(): void {
    this.discard().catch(() => undefined);
  }
}

/**
 * kafkajs repeats a send broker by broker, and skips those that have answered. Where a partition's leader has moved
 * in between that loses its records (to a broker that has answered for others) or doubles them (to one that has not),
 * within a transaction that is then committed. So a send that fails is not repeated; the transaction fails.
 */
const NEVER_SEND_AGAIN = { retries: 0 };

/** The transaction before has been committed, but its markers are still being written. */
const MARKERS_RETRY_MS = 10;
const MARKERS_WITHIN_MS = 5000;

const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
