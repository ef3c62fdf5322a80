import { afterAll } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { AggregatorGroup } from '../../../src/kafka/aggregator-group.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import { partitionLogContract } from '../../contract/partition-log.contract.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { readRaw } from '../../support/raw-reader.ts';
import { createTopics } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const kafka = await startKafka();
const { brokers } = kafka;
const producer: Producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
await producer.connect();
afterAll(async () => {
  await producer.disconnect();
  await kafka.stop();
});

let created = 0;

partitionLogContract('Kafka', async () => {
  const name = `log-${process.pid}-${++created}`;
  const outputs = { results: `${name}-results`, late: `${name}-late`, deadLetters: `${name}-dead` };
  await createTopics(
    brokers,
    Object.fromEntries([name, ...Object.values(outputs)].map((topic) => [topic, 1])),
  );
  let member: AggregatorGroup | undefined;
  const crashes: unknown[] = [];
  return {
    join: async (readerOf) => {
      member = new AggregatorGroup({
        kafka: kafkaClient({ brokers, clientId: name, logger: new KeptLog() }),
        connection: { brokers },
        groupId: name,
        instance: name,
        topic: name,
        outputs,
        onCrash: (error) => crashes.push(error),
      });
      await member.start(readerOf(member));
      return member;
    },
    leave: async () => {
      await member?.stop();
      member = undefined;
      if (crashes.length > 0) throw new Error('The consumer crashed.', { cause: crashes[0] });
    },
    append: async (records) => {
      const messages = records.map(({ key, value }) => ({ key, value }));
      await producer.send({ topic: name, messages });
    },
    written: async (kind) =>
      (await readRaw(brokers, outputs[kind], 1)).map(({ key, value }) => ({ key, value })),
    until: async (what, condition) => {
      await until(what, condition);
    },
  };
});
