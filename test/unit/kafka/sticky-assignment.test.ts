import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stickyAssignment } from '../../../src/kafka/sticky-assignment.ts';
import type { JoiningMember, TopicPartition } from '../../../src/kafka/sticky-assignment.ts';

type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

const partitionsOf = (count: number): TopicPartition[] =>
  Array.from({ length: count }, (_, partition) => ({ topic: 'stocks', partition }));

const newcomer = (memberId: string): JoiningMember => ({
  memberId,
  topics: ['stocks'],
  generation: -1,
  owned: [],
});

const rejoining = (memberId: string, last: Assignment, generation = 1): JoiningMember => ({
  ...newcomer(memberId),
  generation,
  owned: last.get(memberId) ?? [],
});

const sizes = (assignment: Assignment): number[] => [...assignment.values()].map(({ length }) => length);

const owner = (assignment: Assignment, partition: number): string | undefined =>
  [...assignment].find(([, owned]) => owned.some((one) => one.partition === partition))?.[0];

function moves(before: Assignment, after: Assignment, partitions: number): number {
  return partitionsOf(partitions).filter(
    ({ partition }) => owner(before, partition) !== owner(after, partition),
  ).length;
}

function expectComplete(assignment: Assignment, partitions: number): void {
  const assigned = [...assignment.values()].flat().map(({ partition }) => partition);
  expect(assigned.sort((a, b) => a - b)).toEqual(partitionsOf(partitions).map(({ partition }) => partition));
  expect(Math.max(...sizes(assignment)) - Math.min(...sizes(assignment))).toBeLessThanOrEqual(1);
}

const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
const partitionCount = fc.integer({ min: 0, max: 40 });

test('every partition has one owner and the balance is within one, whatever members claim', () => {
  const claims = fc.array(fc.nat({ max: 45 }), { maxLength: 45 });
  const members = memberIds.chain((ids) =>
    fc.tuple(
      ...ids.map((memberId) =>
        fc
          .record({ generation: fc.integer({ min: -1, max: 5 }), claims })
          .map(({ generation, claims: claimed }) => ({
            ...newcomer(memberId),
            generation,
            owned: claimed.map((partition) => ({ topic: 'stocks', partition })),
          })),
      ),
    ),
  );
  fc.assert(
    fc.property(members, partitionCount, (joining, count) => {
      expectComplete(stickyAssignment(joining, partitionsOf(count)), count);
    }),
  );
});

test('the order of members and partitions does not matter', () => {
  fc.assert(
    fc.property(
      memberIds,
      partitionCount,
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      (ids, count, order) => {
        const members = ids.map(newcomer);
        const shuffled = members
          .map((member, index) => ({ member, at: order[index] }))
          .sort((a, b) => a.at - b.at)
          .map(({ member }) => member);
        const again = stickyAssignment(shuffled, partitionsOf(count).reverse());
        for (const [memberId, owned] of stickyAssignment(members, partitionsOf(count))) {
          expect(again.get(memberId)).toEqual(owned);
        }
      },
    ),
  );
});

test('nothing moves when nobody comes or goes', () => {
  fc.assert(
    fc.property(memberIds, partitionCount, (ids, count) => {
      const before = stickyAssignment(ids.map(newcomer), partitionsOf(count));
      const after = stickyAssignment(
        ids.map((id) => rejoining(id, before)),
        partitionsOf(count),
      );
      expect(moves(before, after, count)).toBe(0);
    }),
  );
});

test('when members come, only what the newcomers get moves', () => {
  fc.assert(
    fc.property(memberIds, fc.nat(), partitionCount, (ids, staying, count) => {
      const old = ids.slice(0, 1 + (staying % ids.length));
      const before = stickyAssignment(old.map(newcomer), partitionsOf(count));
      const joining = ids.map((id) => rejoining(id, before));
      const after = stickyAssignment(joining, partitionsOf(count));
      const received = ids.slice(old.length).flatMap((id) => after.get(id) ?? []);
      expect(moves(before, after, count)).toBe(received.length);
      expectComplete(after, count);
    }),
  );
});

test('when members leave, only what they had moves', () => {
  fc.assert(
    fc.property(memberIds, fc.nat(), partitionCount, (ids, staying, count) => {
      const before = stickyAssignment(ids.map(newcomer), partitionsOf(count));
      const left = ids.slice(0, 1 + (staying % ids.length));
      const after = stickyAssignment(
        left.map((id) => rejoining(id, before)),
        partitionsOf(count),
      );
      const lost = ids.slice(left.length).flatMap((id) => before.get(id) ?? []);
      expect(moves(before, after, count)).toBe(lost.length);
      expectComplete(after, count);
    }),
  );
});

test('a member that slept through generations gets nothing back that others have taken over', () => {
  //  generation 3: zombie has 0..3      generation 5: a has 0, 1 and b has 2, 3      then the zombie returns
  const [p0, p1, p2, p3] = partitionsOf(4);
  const after = stickyAssignment(
    [
      { ...newcomer('zombie'), generation: 3, owned: [p0, p1, p2, p3] },
      { ...newcomer('a'), generation: 5, owned: [p0, p1] },
      { ...newcomer('b'), generation: 5, owned: [p2, p3] },
    ],
    partitionsOf(4),
  );
  expect(after.get('a')).toEqual([p0, p1]);
  expect(after.get('b')).toEqual([p2]);
  expect(after.get('zombie')).toEqual([p3]);
});

test('while subscriptions change, a topic goes to those who know it only', () => {
  const partitions = ['new', 'old'].flatMap((topic) =>
    [0, 1, 2, 3].map((partition) => ({ topic, partition })),
  );
  const assignment = stickyAssignment(
    [
      { ...newcomer('a'), topics: ['old'] },
      { ...newcomer('b'), topics: ['old', 'new'] },
      { ...newcomer('c'), topics: ['new'] },
    ],
    [...partitions, { topic: 'nobody', partition: 0 }],
  );
  const topics = (memberId: string): string[] => [
    ...new Set(assignment.get(memberId)?.map(({ topic }) => topic)),
  ];
  expect([topics('a'), topics('b').sort(), topics('c')]).toEqual([['old'], ['new', 'old'], ['new']]);
  expect([...assignment.values()].flat()).toHaveLength(8);
});
