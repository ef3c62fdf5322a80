import type { Consumer } from 'kafkajs';
import { kafkaClient, rawConsumer } from '../../src/kafka/kafka-client.ts';
import { fetchedRecords } from '../../src/kafka/raw-fetch.ts';
import { walk } from './kafka-batches.ts';
import { KeptLog } from './kafka-log.ts';
import { until } from './until.ts';

/** When each result of a topic became visible to a reader of what is committed. */
export class ResultWatch {
  /** `start-end symbol` -> when it was seen first, in ms since the epoch. */
  readonly seenAtMs = new Map<string, number>();
  readonly #consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async open(brokers: string[], topic: string): Promise<ResultWatch> {
    const kafka = kafkaClient({ brokers, clientId: 'result-watch', logger: new KeptLog() });
    const consumer = rawConsumer(kafka, { groupId: `watch-${topic}-${process.pid}`, maxWaitMs: 50 });
    const watch = new ResultWatch(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: ({ batch }) => {
        const nowMs = Date.now();
        const { batches, fromOffset } = fetchedRecords(batch);
        for (const { value } of walk(batches, fromOffset)) watch.#see(value ?? '', nowMs);
        return Promise.resolve();
      },
    });
    return watch;
  }

  /** Waits until so many different results are there. Fewer are no error here: the comparison will show which. */
  async counts(count: number, withinMs: number): Promise<void> {
    await until(`${count} results`, () => this.seenAtMs.size >= count, withinMs).catch(() => undefined);
  }

  /** By window end: how long after the end and the delay its last result was seen, in ms. */
  waitsMs(delayMs: number): Map<number, number> {
    const waits = new Map<number, number>();
    for (const [name, seenMs] of this.seenAtMs) {
      const endMs = Number(/-(\d+) /.exec(name)?.[1]);
      waits.set(endMs, Math.max(waits.get(endMs) ?? -Infinity, seenMs - endMs - delayMs));
    }
    return waits;
  }

  /** The longest wait among the windows that were due from `fromMs` to `toMs`. */
  longestWaitMs(delayMs: number, fromMs: number, toMs: number): number {
    const due = [...this.waitsMs(delayMs)].filter(
      ([endMs]) => endMs + delayMs >= fromMs && endMs + delayMs <= toMs,
    );
    if (due.length === 0) throw new Error('No window was due in this time.');
    return Math.max(...due.map(([, waitMs]) => waitMs));
  }

  close(): Promise<void> {
    return this.#consumer.disconnect();
  }

  #see(value: string, nowMs: number): void {
    const { start, end, stockName } = JSON.parse(value) as { start: number; end: number; stockName: string };
    const name = `${start}-${end} ${stockName}`;
    if (!this.seenAtMs.has(name)) this.seenAtMs.set(name, nowMs);
  }
}
