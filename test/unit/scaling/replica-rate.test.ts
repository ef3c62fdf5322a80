import { expect, test } from '@jest/globals';
import { ReplicaRate } from '../../../src/scaling/replica-rate.ts';
import { reading, SteadyTopic } from '../../support/loads.ts';

const TWO = [
  [0, 1],
  [2, 3],
];

test('while both have more waiting than they can take, what they fold is the rate of one', () => {
  const topic = new SteadyTopic(4);
  const rate = new ReplicaRate(250_000);
  for (let each = 0; each < 12; each++) rate.observe(topic.next(900_000, 400_000, TWO));
  expect(rate.isMeasured).toBe(true);
  expect(rate.perSecond).toBeCloseTo(200_000, 3);
});

test('one that keeps up tells nothing, until it does more than was thought', () => {
  const topic = new SteadyTopic(4);
  const rate = new ReplicaRate(250_000);
  for (let each = 0; each < 12; each++) rate.observe(topic.next(100_000, 100_000, TWO));
  expect(rate.perSecond).toBe(250_000);
  expect(rate.isMeasured).toBe(false);
  for (let each = 0; each < 12; each++) rate.observe(topic.next(1_000_000, 1_000_000, TWO));
  expect(rate.perSecond).toBeGreaterThan(400_000);
});

test('a member with one partition that waits and one that does not is not the bottleneck', () => {
  const rate = new ReplicaRate(250_000);
  const at = (atMs: number, position: number) =>
    reading({ atMs, ends: [9_000_000, position], positions: [position, position], members: [[0, 1]] });
  rate.observe(at(0, 0));
  rate.observe(at(10_000, 10_000));
  expect(rate.isMeasured).toBe(false);
});

test('what lies on both sides of a rebalance, or of a long silence, is no measurement', () => {
  const backlog = { ends: [9e6, 9e6], members: [[0], [1]] };
  const moved = new ReplicaRate(250_000);
  moved.observe(reading({ ...backlog, atMs: 0, positions: [0, 0] }));
  moved.observe(reading({ ...backlog, atMs: 10_000, positions: [50, 50], members: [[1], [0]] }));
  const silent = new ReplicaRate(250_000);
  silent.observe(reading({ ...backlog, atMs: 0, positions: [0, 0] }));
  silent.observe(reading({ ...backlog, atMs: 60_000, positions: [50, 50] }));
  expect([moved.isMeasured, silent.isMeasured]).toEqual([false, false]);
});

test('where commits are far apart it is waited for one of each partition', () => {
  const rate = new ReplicaRate(250_000);
  const at = (atMs: number, positions: number[]) =>
    reading({ atMs, ends: [9e6, 9e6], positions, members: [[0, 1]] });
  rate.observe(at(0, [0, 0]));
  rate.observe(at(10_000, [600_000, 0]));
  expect(rate.isMeasured).toBe(false);
  rate.observe(at(20_000, [600_000, 600_000]));
  expect(rate).toMatchObject({ isMeasured: true, perSecond: 60_000 });
});

test('a rate that was remembered counts as measured, and nothing is learnt beyond reason', () => {
  expect(new ReplicaRate(250_000, 180_000)).toMatchObject({ perSecond: 180_000, isMeasured: true });
  expect(new ReplicaRate(250_000, 1).perSecond).toBe(12_500);
});
