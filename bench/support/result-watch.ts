import type { Consumer } from 'kafkajs';
import { kafkaClient, rawConsumer } from '../../src/kafka/kafka-client.ts';
import { fetchedRecords } from '../../src/kafka/raw-fetch.ts';
import { RecordCursor } from '../../src/kafka/record-cursor.ts';
import { KeptLog } from '../../test/support/kafka-log.ts';
import { until } from '../../test/support/until.ts';

/** Told of each result when it becomes visible; the cursor stands on it. */
export type OnResult = (record: RecordCursor, partition: number) => void;

/**
 * Watches a result topic as a consumer with read_committed sees it. Each record is told of once: a watch that the group
 * has lost on a busy machine joins again and reads from the start.
 */
export class ResultWatch {
  readonly #brokers: string[];
  readonly #topic: string;
  readonly #partitions: number;
  readonly #onResult: OnResult;
  #consumer: Consumer | undefined;

  constructor(brokers: string[], topic: string, partitions: number, onResult: OnResult) {
    this.#brokers = brokers;
    this.#topic = topic;
    this.#partitions = partitions;
    this.#onResult = onResult;
  }

  /** Resolved once a fetch of every partition has been answered: from then on nothing waits for the watch. */
  async start(): Promise<void> {
    const heard = new Set<number>();
    const kafka = kafkaClient({
      brokers: this.#brokers,
      clientId: 'result-watch',
      logger: new KeptLog(),
    });
    const consumer = rawConsumer(kafka, {
      groupId: `watch-${this.#topic}-${process.hrtime.bigint()}`,
      onProgress: ({ partition }) => heard.add(partition),
    });
    this.#consumer = consumer;
    const cursor = new RecordCursor();
    const nextOffset = new Map<number, number>();
    await consumer.connect();
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: this.#partitions,
      eachBatch: ({ batch }) => {
        const { batches, fromOffset } = fetchedRecords(batch);
        for (const one of batches) {
          cursor.open(one, Math.max(fromOffset, nextOffset.get(batch.partition) ?? 0));
          while (cursor.next()) {
            nextOffset.set(batch.partition, cursor.offset + 1);
            this.#onResult(cursor, batch.partition);
          }
        }
        return Promise.resolve();
      },
    });
    await until(`${this.#topic} is watched`, () => heard.size === this.#partitions);
  }

  async stop(): Promise<void> {
    await this.#consumer?.disconnect();
  }
}
