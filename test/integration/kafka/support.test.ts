import { expect, test } from '@jest/globals';
import { startKafka } from '../../support/kafka-broker.ts';
import { createTopics, readTopic, withAdmin, writeWithJava } from '../../support/topics.ts';

test('what Kafka’s own producer writes, Kafka’s own consumer reads back', async () => {
  const kafka = await startKafka();
  try {
    await createTopics(kafka.brokers, { trades: 1 });
    await writeWithJava(kafka.brokers, 'trades', 'lz4', ['AMC:1', 'AMC:2', 'GME:3']);
    const records = await readTopic(kafka.brokers, 'trades');
    expect(records.map(({ offset, key, value }) => [offset, key, value])).toEqual([
      [0, 'AMC', '1'],
      [1, 'AMC', '2'],
      [2, 'GME', '3'],
    ]);
    expect(Math.abs(Date.now() - (records[0]?.timestampMs ?? 0))).toBeLessThan(60_000);
  } finally {
    await kafka.stop();
  }
});

test('three nodes replicate, and the cluster survives one of them killed and started again', async () => {
  const kafka = await startKafka({ nodes: 3 });
  try {
    await createTopics(kafka.brokers, { trades: 3 });
    await kafka.nodes[1]?.kill();
    await writeWithJava(kafka.brokers, 'trades', 'none', ['AMC:1', 'GME:2']);
    await kafka.nodes[1]?.start();
    expect((await readTopic(kafka.brokers, 'trades')).map(({ value }) => value).sort()).toEqual(['1', '2']);
    const { topics } = await withAdmin(kafka.brokers, (admin) =>
      admin.fetchTopicMetadata({ topics: ['trades'] }),
    );
    expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([3, 3, 3]);
  } finally {
    await kafka.stop();
  }
});
