import { afterAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { AggregatorGroup } from '../../../src/kafka/aggregator-group.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { FetchedPiece, LogReader } from '../../../src/pipeline/partition-ports.ts';
import { partitionLogContract } from '../../contract/partition-log.contract.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { readRaw } from '../../support/raw-reader.ts';
import { createTopics, withAdmin } from '../../support/topics.ts';
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
      const messages = records.map(({ key, value, headers = [] }) => ({
        key,
        value,
        headers: Object.fromEntries(headers.map(({ key: name, value: of }) => [name, of as never])),
      }));
      await producer.send({ topic: name, messages });
    },
    written: async (kind) =>
      (await readRaw(brokers, outputs[kind], 1)).map(({ key, value, headers }) => ({
        key,
        value,
        headers: headers.length === 0 ? undefined : headers.map(([name, of]) => `${name}=${of}`).join(' '),
      })),
    until: async (what, condition) => {
      await until(what, condition);
    },
  };
});

test('a position that retention has passed is told, and what the group has committed stays', async () => {
  const name = 'retained';
  const outputs = { results: `${name}-results`, late: undefined, deadLetters: undefined };
  await createTopics(brokers, { [name]: 1, [outputs.results]: 1 });
  const messages = Array.from({ length: 10 }, (_, i) => ({ key: 'A', value: `${i}` }));
  await producer.send({ topic: name, messages });
  const kafka = kafkaClient({ brokers, clientId: name, logger: new KeptLog() });
  const options = { kafka, connection: { brokers }, groupId: name, instance: name, topic: name, outputs };
  const crashes: unknown[] = [];
  const group = new AggregatorGroup({ ...options, onCrash: (error) => crashes.push(error) });
  const reader = new PositionsOnly(() => {
    group.pause(0);
  });
  await group.start(reader);
  try {
    const writer = group.newWriter(0);
    await writer.fence();
    await writer.commit({ results: [], late: [], deadLetters: [] }, 3, 'what belongs to 3');
    await writer.discard();
    const beforeFive = { topic: name, partitions: [{ partition: 0, offset: '5' }] };
    await withAdmin(brokers, async (admin) => {
      await admin.fetchTopicOffsets(name); // kafkajs deletes nothing of a topic that it has not met
      await admin.deleteTopicRecords(beforeFive);
    });

    group.seek(0, 3);
    group.resume(0);
    await until('the lost position is told', () => reader.lost > 0);
    const after = group.newWriter(0);
    await after.fence();
    expect(await group.position(0)).toEqual({ offset: 3, metadata: 'what belongs to 3', logStart: 5 });
    await after.discard();

    group.seek(0, 5);
    await until('what is left is delivered', () => reader.nextOffset === 10);
    expect(crashes).toEqual([]);
  } finally {
    await group.stop();
  }
});

class PositionsOnly implements LogReader {
  lost = 0;
  nextOffset = 0;
  readonly #onAssign: () => void;

  constructor(onAssign: () => void) {
    this.#onAssign = onAssign;
  }

  assign(): void {
    this.#onAssign();
  }

  take(_partition: number, piece: FetchedPiece): Promise<void> {
    this.nextOffset = piece.nextOffset;
    return Promise.resolve();
  }

  reachedEnd(): void {
    // The end is of no interest here.
  }

  lostPosition(): void {
    this.lost++;
  }
}
