import { expect, test } from '@jest/globals';
import { LoadFollower } from '../../../src/scaling/load-follower.ts';
import { ReplicaRate } from '../../../src/scaling/replica-rate.ts';
import { reading, SteadyTopic } from '../../support/loads.ts';

const BOUNDS = { minReplicas: 2, maxReplicas: 12, catchUpMs: 60_000 };
const follower = (desired?: number) => new LoadFollower(BOUNDS, new ReplicaRate(250_000), desired);
const members = (count: number) =>
  Array.from({ length: count }, (_, member) =>
    Array.from({ length: 12 }, (_each, partition) => partition).filter((each) => each % count === member),
  );

test('the first reading says nothing of the arrival, and the number from before holds', () => {
  const first = new SteadyTopic(12).next(1_000_000, 1_000_000, members(4));
  expect(follower().observe(first)).toMatchObject({ desiredReplicas: undefined, why: 'starting' });
  expect(follower(6).observe(first)).toMatchObject({ desiredReplicas: 6, why: 'starting' });
});

test('a burst is followed at the second reading that has it', () => {
  const topic = new SteadyTopic(12);
  const following = follower();
  for (let each = 0; each < 6; each++) following.observe(topic.next(300_000, 300_000, members(2)));
  expect(following.observe(topic.next(1_300_000, 400_000, members(2))).desiredReplicas).toBe(12);
});

test('a load that swings about a step makes one step, up', () => {
  const topic = new SteadyTopic(12);
  const following = follower();
  const asked = Array.from({ length: 200 }, (_, each) => {
    const arriving = 680_000 + (each % 2 === 0 ? 60_000 : -60_000); // 4 replicas do 690,000 of 250,000 each at 70 %
    return following.observe(topic.next(arriving, arriving, members(6))).desiredReplicas;
  });
  expect(new Set(asked.slice(3))).toEqual(new Set([6]));
});

test('it goes down when fewer would do with much to spare', () => {
  const topic = new SteadyTopic(12);
  const following = follower();
  for (let each = 0; each < 6; each++) following.observe(topic.next(800_000, 800_000, members(6)));
  expect(following.observe(topic.next(600_000, 600_000, members(6)))).toMatchObject({
    desiredReplicas: 6,
    why: 'slack',
  });
  expect(following.observe(topic.next(150_000, 150_000, members(6)))).toMatchObject({
    desiredReplicas: 2,
    why: 'load',
  });
});

test('while partitions move, or nobody reads, the last number holds, whatever waits', () => {
  const topic = new SteadyTopic(12);
  const following = follower();
  for (let each = 0; each < 3; each++) following.observe(topic.next(300_000, 300_000, members(2)));
  const rest = { ends: Array<number>(12).fill(9e6), positions: Array<number>(12).fill(0) };
  const moving = following.observe(reading({ ...rest, atMs: 20_000, state: 'rebalancing' }));
  const settling = following.observe(reading({ ...rest, atMs: 22_000, members: members(3) }));
  const empty = following.observe(reading({ ...rest, atMs: 26_000, state: 'empty' }));
  expect([moving, settling, empty].map(({ why }) => why)).toEqual(['rebalancing', 'rebalancing', 'empty']);
  expect(new Set([moving, settling, empty].map(({ desiredReplicas }) => desiredReplicas))).toEqual(
    new Set([2]),
  );
  const after = following.observe(reading({ ...rest, atMs: 40_000, members: members(3) }));
  expect(after).toMatchObject({ desiredReplicas: 12, why: 'load' });
});

test('a rate that is taken for too high is put right by a backlog that does not go away', () => {
  const topic = new SteadyTopic(12);
  const wrong = { perSecond: 500_000, isMeasured: true, observe: () => undefined };
  const following = new LoadFollower(BOUNDS, wrong);
  // Four fold 250,000 each; by the wrong rate three would be enough for this.
  const asked = Array.from(
    { length: 12 },
    () => following.observe(topic.next(1_100_000, 1_000_000, members(4))).desiredReplicas,
  );
  expect(asked.at(-1)).toBe(12);
  expect(following.observe(topic.next(1_100_000, 3_000_000, members(4))).ratePerReplica).toBeCloseTo(
    250_000,
    3,
  );
});

test('aggregators that stand still are no proof that each does little', () => {
  const topic = new SteadyTopic(12);
  const following = new LoadFollower(BOUNDS, new ReplicaRate(250_000, 250_000));
  for (let each = 0; each < 6; each++) following.observe(topic.next(500_000, 500_000, members(3)));
  const rates = [1, 2, 3].map(() => following.observe(topic.next(500_000, 0, members(3))).ratePerReplica);
  expect(rates).toEqual([250_000, 250_000, 250_000]);
});

test('a topic that was made anew begins a new count', () => {
  const following = follower();
  const old = { positions: [0], members: [[0]] };
  following.observe(reading({ ...old, atMs: 0, ends: [5_000_000] }));
  following.observe(reading({ ...old, atMs: 5_000, ends: [6_000_000] }));
  expect(following.observe(reading({ ...old, atMs: 10_000, ends: [100] })).arrivalPerSecond).toBeUndefined();
  const next = following.observe(reading({ ...old, atMs: 15_000, ends: [600] }));
  expect(next.arrivalPerSecond).toBe(100);
});
