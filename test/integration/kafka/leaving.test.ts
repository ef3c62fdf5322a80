import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AggregatorGroup } from '../../../src/kafka/aggregator-group.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { LogReader } from '../../../src/pipeline/partition-ports.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { createTopics, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await startKafka();
  await createTopics(cluster.brokers, { stocks: 2, averages: 2 });
});

afterAll(() => cluster.stop());

test('a member that ends has left its group for good: the other gets its partitions once, and nothing goes wrong', async () => {
  const leaving = new Member('pod-a');
  const staying = new Member('pod-b');
  await Promise.all([leaving.start(), staying.start()]);
  await until('they share', () => leaving.has(1) && staying.has(1));
  const joinsBefore = staying.assignments.length;

  await leaving.group.stop();
  const members = await withAdmin(cluster.brokers, async (admin) => {
    const { groups } = await admin.describeGroups(['leaving']);
    return groups[0].members.map(({ clientId }) => clientId);
  });
  expect(members).toEqual(['pod-b']);
  await until('the other has both', () => staying.has(2));
  expect(staying.assignments).toHaveLength(joinsBefore + 1);
  expect([...leaving.troubles, ...staying.troubles]).toEqual([]);
  await staying.group.stop();
});

/** A member that takes note of what it is assigned, and reads nothing. */
class Member implements LogReader {
  readonly assignments: number[][] = [];
  readonly group: AggregatorGroup;
  readonly #log = new KeptLog();
  readonly #crashes: unknown[] = [];

  constructor(instance: string) {
    const { brokers } = cluster;
    this.group = new AggregatorGroup({
      kafka: kafkaClient({ brokers, clientId: instance, logger: this.#log }),
      connection: { brokers },
      groupId: 'leaving',
      instance,
      topic: 'stocks',
      outputs: { results: 'averages', late: undefined, deadLetters: undefined },
      onCrash: (error) => this.#crashes.push(error),
    });
  }

  start(): Promise<void> {
    return this.group.start(this);
  }

  has(partitions: number): boolean {
    return this.assignments.at(-1)?.length === partitions;
  }

  /** That it joins again where the group rebalances is told as a warning, and is none. */
  get troubles(): unknown[] {
    return [...this.#log.kept.filter((line) => !line.includes('The group is rebalancing')), ...this.#crashes];
  }

  assign(partitions: readonly number[]): void {
    this.assignments.push([...partitions]);
    for (const partition of partitions) this.group.pause(partition);
  }

  take(): Promise<void> {
    return Promise.resolve();
  }

  reachedEnd(): void {
    // The end is of no interest here.
  }

  lostPosition(): void {
    // Nothing is read.
  }
}
