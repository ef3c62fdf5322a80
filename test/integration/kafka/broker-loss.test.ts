import { expect, test } from '@jest/globals';
import { kafkaClient, rawConsumer } from '../../../src/kafka/kafka-client.ts';
import { PartitionProducer } from '../../../src/kafka/partition-producer.ts';
import { ProducerError } from '../../../src/kafka/producer-error.ts';
import { fetchedRecords } from '../../../src/kafka/raw-fetch.ts';
import { committedOffsets } from '../../../src/kafka/committed-offsets.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import type { KafkaCluster } from '../../support/kafka-broker.ts';
import { walk } from '../../support/kafka-batches.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { createTopics, readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

/** Each number is written with each of them: there are enough for all partitions, and so for all brokers. */
const KEYS = Array.from({ length: 12 }, (_, i) => `key-${i}`);

/** Commits numbers one by one and takes over again after each error, while a raw consumer reads them. */
async function expectExactlyOnce(
  cluster: KafkaCluster,
  count: number,
  disturb: (written: number) => Promise<void>,
): Promise<void> {
  const { brokers } = cluster;
  await createTopics(brokers, { numbers: 6, stocks: 1 });
  const kafka = kafkaClient({ brokers, clientId: 'test', logger: new KeptLog() });
  const read = new Map(KEYS.map((key) => [key, [] as string[]]));
  const consumer = rawConsumer(kafka, { groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'numbers', fromBeginning: true });
  const positions = new Map<number, number>();
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      // A consumer that restarts begins at its group's offset, which this one never commits: skip what was read.
      const { batches, fromOffset, nextOffset } = fetchedRecords(batch);
      const position = positions.get(batch.partition) ?? 0;
      for (const { key, value } of walk(batches, Math.max(fromOffset, position))) {
        read.get(key ?? '')?.push(value ?? '');
      }
      positions.set(batch.partition, Math.max(position, nextOffset));
      return Promise.resolve();
    },
  });

  const admin = kafka.admin();
  await admin.connect();
  const options = { transactionalId: 'p-stocks-0', groupId: 'g', topic: 'stocks', partition: 0 };
  const errors: ProducerError[] = [];
  let written = 0;
  const deadline = Date.now() + 90_000;
  while (written < count && Date.now() < deadline) {
    const producer = new PartitionProducer(kafka, options);
    try {
      await producer.fence();
      written = (await committedOffsets(admin, 'g', 'stocks')).get(0)?.offset ?? 0;
      while (written < count) {
        await disturb(written);
        const value = Buffer.from(String(written));
        const records = KEYS.map((key) => ({ key: Buffer.from(key), value }));
        await producer.commit({
          records: [{ topic: 'numbers', records }],
          offset: written + 1,
          metadata: '',
        });
        written++;
      }
    } catch (error) {
      errors.push(error as ProducerError);
    } finally {
      await producer.discard();
    }
  }
  const all = Array.from({ length: count }, (_, i) => String(i));
  const expected = new Map(KEYS.map((key) => [key, all]));
  await until(
    'the consumer has read all',
    () => [...read.values()].every((values) => values.length >= count),
    60_000,
  );
  await Promise.all([consumer.disconnect(), admin.disconnect()]);
  expect(errors.every((error) => !(error instanceof ProducerError) || error.kind !== 'fatal')).toBe(true);
  expect(read).toEqual(expected);
  const records = Map.groupBy(await readTopic(brokers, 'numbers', 5_000), ({ key }) => key);
  const values = new Map([...records].map(([key, of]) => [key, of.map(({ value }) => value)]));
  expect(values).toEqual(expected);
}

test('the only broker restarts: nothing is lost or doubled, and everybody carries on', async () => {
  const cluster = await startKafka({ own: true });
  try {
    await expectExactlyOnce(cluster, 60, async (written) => {
      if (written !== 20 || restarted.has(cluster)) return;
      restarted.add(cluster);
      await cluster.nodes[0].kill();
      await cluster.nodes[0].start();
    });
  } finally {
    await cluster.stop();
  }
});

test('of three brokers the leader is killed and comes back later: likewise', async () => {
  const cluster = await startKafka({ nodes: 3 });
  try {
    let killed = -1;
    await expectExactlyOnce(cluster, 60, async (written) => {
      if (written === 20 && killed < 0) {
        killed = (await leaderOf(cluster, 'numbers')) - 1;
        await cluster.nodes[killed].kill();
      }
      if (written === 40 && !cluster.nodes[killed].running) await cluster.nodes[killed].start();
    });
  } finally {
    await cluster.stop();
  }
});

const restarted = new WeakSet<KafkaCluster>();

async function leaderOf({ brokers }: KafkaCluster, topic: string): Promise<number> {
  const { topics } = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return topics[0].partitions[0].leader;
}
