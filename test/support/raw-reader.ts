import { kafkaClient, rawConsumer } from '../../src/kafka/kafka-client.ts';
import { fetchedRecords } from '../../src/kafka/raw-fetch.ts';
import type { FetchProgress } from '../../src/kafka/raw-fetch.ts';
import { walk } from './kafka-batches.ts';
import type { ReadRecord } from './kafka-batches.ts';
import { KeptLog } from './kafka-log.ts';
import { until } from './until.ts';

export interface RawRecord extends ReadRecord {
  readonly partition: number;
}

/**
 * Reads a topic with the raw consumer, by partition and offset, from the start or from `fromOffset` of each partition
 * to its end, with fetches of `maxBytesPerPartition`.
 */
export async function readRaw(
  brokers: string[],
  topic: string,
  partitions: number,
  { maxBytesPerPartition = 1024 * 1024, fromOffset = 0 } = {},
): Promise<RawRecord[]> {
  const progress = new Map<number, FetchProgress>();
  const records: RawRecord[] = [];
  const kafka = kafkaClient({ brokers, clientId: 'raw-reader', logger: new KeptLog() });
  const consumer = rawConsumer(kafka, {
    groupId: `raw-reader-${process.hrtime.bigint()}`,
    maxBytesPerPartition,
    onProgress: (at) => progress.set(at.partition, at),
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: ({ batch }) => {
      const fetched = fetchedRecords(batch);
      for (const record of walk(fetched.batches, fetched.fromOffset)) {
        records.push({ partition: batch.partition, ...record });
      }
      return Promise.resolve();
    },
  });
  if (fromOffset > 0) {
    for (let partition = 0; partition < partitions; partition++) {
      consumer.seek({ topic, partition, offset: String(fromOffset) });
    }
  }
  await until(`${topic} is read to its end`, () => {
    const all = [...progress.values()];
    return all.length === partitions && all.every((at) => at.nextOffset >= at.lastStableOffset);
  });
  await consumer.disconnect();
  return records
    .filter(({ offset }) => offset >= fromOffset)
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
