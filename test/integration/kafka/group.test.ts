import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { evictMember } from '../../../src/kafka/evict.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import type { KafkaCluster } from '../../support/kafka-broker.ts';
import { GroupMember } from '../../support/group-member.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { createTopics } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

let cluster: KafkaCluster;
let members: GroupMember[] = [];

beforeAll(async () => {
  cluster = await startKafka();
  await createTopics(cluster.brokers, { stocks: 6 });
});

afterEach(async () => {
  await Promise.all(members.map((member) => member.kill()));
  members = [];
});

afterAll(() => cluster.stop());

function join(groupId: string, clientId: string): GroupMember {
  const member = new GroupMember(cluster.brokers, groupId, 'stocks', clientId);
  members.push(member);
  return member;
}

const owns = (member: GroupMember, count: number): boolean => member.assigned?.length === count;

test('partitions stay with their members when others come and go', async () => {
  const a = join('sticky', 'pod-a');
  await until('a has all', () => owns(a, 6));
  const b = join('sticky', 'pod-b');
  await until('a and b share', () => owns(a, 3) && owns(b, 3));
  const before = { a: a.assigned, b: b.assigned };

  const c = join('sticky', 'pod-c');
  await until('three share', () => owns(a, 2) && owns(b, 2) && owns(c, 2));
  expect(before.a).toEqual(expect.arrayContaining(a.assigned ?? []));
  expect(before.b).toEqual(expect.arrayContaining(b.assigned ?? []));

  c.signal('SIGTERM');
  await until('a and b share again', () => owns(a, 3) && owns(b, 3));
  expect([...(a.assigned ?? []), ...(b.assigned ?? [])].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a killed member’s partitions move when it is evicted, before its session has ended', async () => {
  const a = join('evict', 'pod-a');
  const b = join('evict', 'pod-b');
  await until('a and b share', () => owns(a, 3) && owns(b, 3));
  const kept = a.assigned;

  await b.kill();
  const kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'operator', logger: new KeptLog() });
  const evicted = await evictMember(kafka, 'evict', 'pod-b');
  expect(evicted).toEqual([expect.stringMatching(/^pod-b-/)]); // it was still there: its session had not ended
  await until('a has all', () => owns(a, 6));
  expect(a.assigned).toEqual(expect.arrayContaining(kept ?? []));
  expect(await evictMember(kafka, 'evict', 'pod-b')).toEqual([]);
});

test('a member that hung and was thrown out comes back, and takes nothing from those who took over', async () => {
  const a = join('zombie', 'pod-a');
  const b = join('zombie', 'pod-b');
  await until('a and b share', () => owns(a, 3) && owns(b, 3));

  b.signal('SIGSTOP');
  const kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'operator', logger: new KeptLog() });
  await evictMember(kafka, 'zombie', 'pod-b');
  await until('a has all', () => owns(a, 6));
  const c = join('zombie', 'pod-c');
  await until('a and c share', () => owns(a, 3) && owns(c, 3));
  const keptByA = a.assigned ?? [];
  const keptByC = c.assigned ?? [];

  b.signal('SIGCONT');
  await until('three share', () => owns(a, 2) && owns(b, 2) && owns(c, 2));
  expect(keptByA).toEqual(expect.arrayContaining(a.assigned ?? []));
  expect(keptByC).toEqual(expect.arrayContaining(c.assigned ?? []));
});
