import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { committedOffsets } from '../../../src/kafka/committed-offsets.ts';
import type { CommittedOffset } from '../../../src/kafka/committed-offsets.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import { PartitionProducer } from '../../../src/kafka/partition-producer.ts';
import type { PartitionProducerOptions } from '../../../src/kafka/partition-producer.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import type { KafkaCluster } from '../../support/kafka-broker.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { createTopics, readTopic, runKafkaTool, withAdmin } from '../../support/topics.ts';

/** Transactions as Kafka 4 has them (KIP-890), and as clusters do that have not agreed on these yet. */
describe.each([
  { version: 2, epochAfterFive: 5 },
  { version: 0, epochAfterFive: 0 },
])('transactions of version $version', ({ version, epochAfterFive }) => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  const log = new KeptLog();

  beforeAll(async () => {
    cluster = await startKafka({ own: true });
    if (version < 2) await runFeatures(cluster.brokers, 'downgrade', `transaction.version=${version}`);
    kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'test', logger: log });
  });

  afterAll(() => cluster.stop());

  /** As the coordinator tells it to Kafka's own tool. */
  async function epochOf(transactionalId: string): Promise<number> {
    const printed = await runKafkaTool('org.apache.kafka.tools.TransactionsCommand', [
      ...['--bootstrap-server', cluster.brokers.join(','), 'describe', '--transactional-id', transactionalId],
    ]);
    const [names, figures] = printed
      .trim()
      .split('\n')
      .slice(-2)
      .map((line) => line.trim().split(/\s+/));
    return Number(figures[names.indexOf('ProducerEpoch')]);
  }

  let topics = 0;

  /** An output topic of its own, and producers that own partition 3 of the same input. */
  async function output(): Promise<{ topic: string; options: PartitionProducerOptions }> {
    const topic = `averages-${++topics}`;
    await createTopics(cluster.brokers, { [topic]: 2, [`stocks-${topics}`]: 4 });
    const options = {
      transactionalId: `p-${topic}-3`,
      groupId: `g-${topic}`,
      topic: `stocks-${topics}`,
      partition: 3,
    };
    // The group's coordinator is loaded by this; inside a transaction that would fail it.
    expect((await committed(options)).offset).toBeUndefined();
    return { topic, options };
  }

  const results = (
    topic: string,
    ...values: string[]
  ): { topic: string; records: { key: Buffer; value: Buffer }[] }[] => [
    { topic, records: values.map((value) => ({ key: Buffer.from('AMC'), value: Buffer.from(value) })) },
  ];

  async function committed({
    groupId,
    topic,
    partition,
  }: PartitionProducerOptions): Promise<CommittedOffset> {
    const offsets = await withAdmin(cluster.brokers, (admin) => committedOffsets(admin, groupId, topic));
    return offsets.get(partition) ?? { offset: undefined, metadata: '' };
  }

  const values = async (topic: string): Promise<(string | null)[]> =>
    (await readTopic(cluster.brokers, topic)).map(({ value }) => value);

  test('results and offset are committed together, and the offset brings its metadata back', async () => {
    const { topic, options } = await output();
    const producer = new PartitionProducer(kafka, options);
    await producer.fence();
    await producer.commit({ records: results(topic, 'one', 'two'), offset: 17, metadata: '{"watermark":5}' });
    await producer.commit({ records: [], offset: 18, metadata: 'nothing to send' });
    await producer.discard();

    expect(await values(topic)).toEqual(['one', 'two']);
    expect(await committed(options)).toEqual({ offset: 18, metadata: 'nothing to send' });
  });

  test('each transaction has an epoch of its own where the cluster has agreed on that', async () => {
    const { topic, options } = await output();
    const producer = new PartitionProducer(kafka, options);
    await producer.fence();
    for (let i = 1; i <= 5; i++)
      await producer.commit({ records: results(topic, `${i}`), offset: i, metadata: '' });
    await producer.discard();
    expect(await epochOf(options.transactionalId)).toBe(epochAfterFive);
    expect(await values(topic)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('transactions back to back wait for the markers of the one before', async () => {
    const { topic, options } = await output();
    const producer = new PartitionProducer(kafka, options);
    await producer.fence();
    for (let i = 0; i < 100; i++) {
      await producer.commit({
        records: i % 2 === 0 ? results(topic, `${i}`) : [],
        offset: i + 1,
        metadata: '',
      });
    }
    await producer.discard();
    expect(await values(topic)).toHaveLength(50);
    expect(log.kept).toEqual([]);
  });

  test('a second producer fences the first: what the first writes after that is in nobody’s view', async () => {
    const { topic, options } = await output();
    const first = new PartitionProducer(kafka, options);
    await first.fence();
    await first.commit({ records: results(topic, 'first'), offset: 1, metadata: '' });
    const second = new PartitionProducer(kafka, options);
    await second.fence();

    const zombie = first.commit({ records: results(topic, 'zombie'), offset: 2, metadata: '' });
    await expect(zombie).rejects.toMatchObject({ kind: 'fenced', code: 'KAFKA_FENCED' });
    await expect(first.commit({ records: [], offset: 3, metadata: '' })).rejects.toThrow(
      /is gone, not ready/,
    );
    await second.commit({ records: results(topic, 'second'), offset: 2, metadata: '' });
    await second.discard();
    expect(await values(topic)).toEqual(['first', 'second']);
  });

  test('a fence aborts what the owner before has left open, without waiting for its transaction to time out', async () => {
    const { topic, options } = await output();
    const dying = kafka.producer({ transactionalId: options.transactionalId, maxInFlightRequests: 1 });
    await dying.connect();
    const open = await dying.transaction();
    await open.send({ topic, messages: [{ key: 'AMC', value: 'half' }] });

    const startedMs = performance.now();
    const next = new PartitionProducer(kafka, options);
    await next.fence();
    expect(performance.now() - startedMs).toBeLessThan(30_000); // the transaction would time out after 60 s
    await next.commit({ records: results(topic, 'whole'), offset: 1, metadata: '' });
    await expect(open.commit()).rejects.toThrow();
    await Promise.all([dying.disconnect(), next.discard()]);
    expect(await values(topic)).toEqual(['whole']);
  });

  test('a large commit goes in pieces that the broker takes, in order, in one transaction', async () => {
    const { topic, options } = await output();
    const producer = new PartitionProducer(kafka, { ...options, compression: 'lz4' });
    await producer.fence();
    const many = Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(150, '.'));
    await producer.commit({ records: results(topic, ...many), offset: 1, metadata: '' });
    await producer.discard();
    expect(await values(topic)).toEqual(many);
  });

  test('what can never work is fatal, and says what to check', async () => {
    const { topic, options } = await output();
    const producer = new PartitionProducer(kafka, options);
    await producer.fence();
    const tooLarge = results(topic, 'x'.repeat(2_000_000));
    await expect(producer.commit({ records: tooLarge, offset: 1, metadata: '' })).rejects.toMatchObject({
      kind: 'fatal',
      message: expect.stringContaining('MESSAGE_TOO_LARGE'),
    });
    const next = new PartitionProducer(kafka, options);
    await next.fence();
    await next.commit({ records: results(topic, 'small'), offset: 1, metadata: '' });
    await next.discard();
    expect(await values(topic)).toEqual(['small']);
  });
});

function runFeatures(brokers: readonly string[], verb: string, feature: string): Promise<string> {
  const args = ['--bootstrap-server', brokers.join(','), verb, '--feature', feature];
  return runKafkaTool('org.apache.kafka.tools.FeatureCommand', args);
}
