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

/** Commits numbers one by one and takes over again after each error, while a raw consumer reads them. */
async function expectExactlyOnce(
  cluster: KafkaCluster,
  count: number,
  disturb: (written: number) => Promise<void>,
): Promise<void> {
  const { brokers } = cluster;
  await createTopics(brokers, { numbers: 1, stocks: 1 });
  const kafka = kafkaClient({ brokers, clientId: 'test', logger: new KeptLog() });
  const read: string[] = [];
  const consumer = rawConsumer(kafka, { groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'numbers', fromBeginning: true });
  let position = 0;
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      // A consumer that restarts begins at its group's offset, which this one never commits: skip what was read.
      const { batches, fromOffset, nextOffset } = fetchedRecords(batch);
      for (const { value } of walk(batches, Math.max(fromOffset, position))) read.push(value ?? '');
      position = Math.max(position, nextOffset);
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
        const records = [{ key: null, value: Buffer.from(String(written)) }];
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
  await until('the consumer has read all', () => read.length >= count, 60_000);
  await Promise.all([consumer.disconnect(), admin.disconnect()]);
  expect(errors.every((error) => !(error instanceof ProducerError) || error.kind !== 'fatal')).toBe(true);
  expect(read).toEqual(all);
  expect((await readTopic(brokers, 'numbers')).map(({ value }) => value)).toEqual(all);
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
