// A client as an aggregator has it, a consumer and four producers, with nothing to do: prints the CPU time that it
// takes in a second, in milliseconds. Arguments: brokers, topic.
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaClient, rawConsumer } from '../../src/kafka/kafka-client.ts';
import { PartitionProducer } from '../../src/kafka/partition-producer.ts';
import { KeptLog } from './kafka-log.ts';

const [brokers, topic] = process.argv.slice(2);
const kafka = kafkaClient({ brokers: brokers.split(','), clientId: 'idle', logger: new KeptLog() });
const groupId = 'idle';
const producers = [0, 1, 2, 3].map(
  (partition) =>
    new PartitionProducer(kafka, { transactionalId: `idle-${partition}`, groupId, topic, partition }),
);
await Promise.all(producers.map((producer) => producer.fence()));
const consumer = rawConsumer(kafka, { groupId });
await consumer.connect();
await consumer.subscribe({ topic });
await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
await delay(2000); // The group has formed and the code is warm.

const SECONDS = 4;
const before = process.cpuUsage();
await delay(SECONDS * 1000);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ cpuMsPerSecond: (user + system) / 1000 / SECONDS }));
await Promise.all([consumer.disconnect(), ...producers.map((producer) => producer.discard())]);
