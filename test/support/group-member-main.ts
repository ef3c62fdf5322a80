// A member of a consumer group as a process of its own, for tests that kill it: prints what it is assigned, and what
// it reads, a line of JSON each. Arguments: brokers, group, topic, client id.
import { kafkaClient, rawConsumer } from '../../src/kafka/kafka-client.ts';
import { fetchedRecords } from '../../src/kafka/raw-fetch.ts';
import { walk } from './kafka-batches.ts';
import { KeptLog } from './kafka-log.ts';

const [brokers, groupId, topic, clientId] = process.argv.slice(2);
const print = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const kafka = kafkaClient({ brokers: brokers.split(','), clientId, logger: new KeptLog() });
const consumer = rawConsumer(kafka, { groupId });
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  print({ assigned: payload.memberAssignment[topic] ?? [] });
});
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: ({ batch }) => {
    const { batches, fromOffset } = fetchedRecords(batch);
    print({ read: walk(batches, fromOffset).map(({ value }) => value) });
    return Promise.resolve();
  },
});
process.once('SIGTERM', () => void consumer.disconnect().then(() => process.exit()));
