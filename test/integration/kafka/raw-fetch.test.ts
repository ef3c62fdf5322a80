import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import type { Producer, Transaction } from 'kafkajs';
import { startKafka } from '../../support/kafka-broker.ts';
import type { KafkaCluster } from '../../support/kafka-broker.ts';
import { readRaw } from '../../support/raw-reader.ts';
import type { RawRecord } from '../../support/raw-reader.ts';
import { createTopics, readTopic, writeWithJava } from '../../support/topics.ts';
import type { PrintedRecord } from '../../support/topics.ts';

let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka();
});

afterAll(() => kafka.stop());

const seen = ({ partition, offset, timestampMs, key, value }: RawRecord | PrintedRecord): unknown => ({
  partition,
  offset,
  timestampMs,
  key,
  value,
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'what the Java client has compressed with %s is read as the Java client reads it',
  async (codec) => {
    const topic = `java-${codec}`;
    await createTopics(kafka.brokers, { [topic]: 2 });
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `S${i % 50}:S${i % 50},BUY,${i / 100},${i},153484893${i}`,
    );
    await writeWithJava(kafka.brokers, topic, codec, lines);
    const expected = await readTopic(kafka.brokers, topic);
    expect(expected).toHaveLength(lines.length);
    expect((await readRaw(kafka.brokers, topic, 2)).map(seen)).toEqual(expected.map(seen));
  },
);

test('with transactions that interleave and abort, the raw reader sees what the Java reader sees', async () => {
  await createTopics(kafka.brokers, { mixed: 2 });
  await writeInterleavedTransactions('mixed', 2);
  const expected = await readTopic(kafka.brokers, 'mixed');
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.some(({ value }) => value?.startsWith('aborted'))).toBe(false);
  expect(expected.some(({ key }) => key === FOUR_ZEROS)).toBe(true);

  expect((await readRaw(kafka.brokers, 'mixed', 2)).map(seen)).toEqual(expected.map(seen));
  // Small fetches cut batches off and begin in the middle of transactions.
  const bySmallFetches = await readRaw(kafka.brokers, 'mixed', 2, { maxBytesPerPartition: 700 });
  expect(bySmallFetches.map(seen)).toEqual(expected.map(seen));
  // A seek lands inside batches.
  const tail = await readRaw(kafka.brokers, 'mixed', 2, { fromOffset: 101 });
  expect(tail.map(seen)).toEqual(expected.filter(({ offset }) => offset >= 101).map(seen));
});

const FOUR_ZEROS = '\0\0\0\0';

/** Three transactional producers and one without, taking turns; every other transaction is aborted. */
async function writeInterleavedTransactions(topic: string, partitions: number): Promise<void> {
  const client = new Kafka({
    brokers: kafka.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 30 },
  });
  const plain = client.producer();
  const producers = ['a', 'b', 'c'].map((id) =>
    client.producer({ transactionalId: `interleaved-${id}`, maxInFlightRequests: 1 }),
  );
  const all: Producer[] = [plain, ...producers];
  await Promise.all(all.map((producer) => producer.connect()));

  const open: (Transaction | undefined)[] = producers.map(() => undefined);
  let value = 0;
  const messages = (fate: string): { key: string; value: string; partition: number }[] =>
    Array.from({ length: 4 }, () => ({
      key: value % 3 === 0 ? FOUR_ZEROS : `key-${value}`,
      value: `${fate}-${value}`,
      partition: value++ % partitions,
    }));
  // A fixed walk: turn t belongs to producer t·7 mod 3; it begins, writes twice, and ends in its fourth turn.
  for (let turn = 0; turn < 120; turn++) {
    const index = (turn * 7 + Math.floor(turn / 5)) % producers.length;
    const fate = Math.floor(turn / 12) % 2 === index % 2 ? 'aborted' : 'committed';
    const transaction = open[index];
    if (!transaction) {
      open[index] = await producers[index].transaction();
    } else if (turn % 4 === 3) {
      await (lastFates[index] === 'aborted' ? transaction.abort() : transaction.commit());
      open[index] = undefined;
      lastFates[index] = undefined;
    } else {
      lastFates[index] ??= fate;
      const compression = turn % 5 === 0 ? CompressionTypes.GZIP : CompressionTypes.None;
      await transaction.send({ topic, messages: messages(lastFates[index]), compression });
    }
    if (turn % 6 === 0) await plain.send({ topic, messages: messages('plain') });
  }
  for (const [index, transaction] of open.entries()) {
    await (lastFates[index] === 'committed' ? transaction?.commit() : transaction?.abort());
  }
  await Promise.all(all.map((producer) => producer.disconnect()));
}

const lastFates: (string | undefined)[] = [];
