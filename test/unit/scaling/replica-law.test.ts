import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  evenReplicas,
  nextEvenReplicas,
  replicasNeeded,
  type Load,
} from '../../../src/scaling/replica-law.ts';

const GOALS = { utilisation: 0.8, catchUpMs: 60_000, rebalanceMs: 3_000 };
const LOAD: Load = { arrivalPerSecond: 0, lagRecords: 0, ratePerReplica: 250_000, partitions: 12 };
const loads = fc.record({
  arrivalPerSecond: fc.double({ min: 0, max: 1e8, noNaN: true }),
  lagRecords: fc.integer({ min: 0, max: 1e12 }),
  ratePerReplica: fc.double({ min: 1, max: 1e7, noNaN: true }),
  partitions: fc.integer({ min: 1, max: 500 }),
});

test('what arrives, what waits and what a rebalance will cost each ask for their part', () => {
  expect(replicasNeeded({ ...LOAD, lagRecords: 60 * 250_000 }, GOALS)).toBe(1);
  expect(replicasNeeded({ ...LOAD, arrivalPerSecond: 200_000 }, GOALS)).toBeCloseTo(1 + 0.04, 10);
  const both = replicasNeeded({ ...LOAD, arrivalPerSecond: 200_000, lagRecords: 60 * 500_000 }, GOALS);
  expect(both).toBeCloseTo(3.04, 10);
});

test('only numbers that share the partitions evenly come out', () => {
  const reached = new Set(Array.from({ length: 24 }, (_, needed) => evenReplicas(needed + 0.5, 24)));
  expect([...reached].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 8, 12, 24]);
  expect(evenReplicas(7, 12)).toBe(12);
  expect(nextEvenReplicas(4, 12)).toBe(6);
  expect(nextEvenReplicas(12, 12)).toBe(12);
});

test('the number is enough, the least that makes the busiest do less, and within the partitions', () => {
  fc.assert(
    fc.property(loads, (load) => {
      const needed = replicasNeeded(load, GOALS);
      const replicas = evenReplicas(needed, load.partitions);
      const busiest = Math.ceil(load.partitions / replicas);
      expect(Number.isInteger(replicas)).toBe(true);
      expect(replicas).toBeGreaterThanOrEqual(1);
      expect(replicas).toBeLessThanOrEqual(load.partitions);
      expect(replicas).toBeGreaterThanOrEqual(Math.min(load.partitions, needed));
      // The busiest has no more than its share of what is needed: P / needed partitions, or one.
      expect(busiest).toBeLessThanOrEqual(Math.max(1, load.partitions / needed));
      // With one less the busiest would have another partition.
      expect(Math.ceil(load.partitions / Math.max(1, replicas - 1))).toBeGreaterThanOrEqual(
        replicas === 1 ? busiest : busiest + 1,
      );
    }),
  );
});

test('more load never asks for fewer', () => {
  fc.assert(
    fc.property(loads, fc.double({ min: 1, max: 10, noNaN: true }), (load, factor) => {
      const more = { ...load, arrivalPerSecond: load.arrivalPerSecond * factor };
      const [few, many] = [load, more].map((each) =>
        evenReplicas(replicasNeeded(each, GOALS), load.partitions),
      );
      expect(many).toBeGreaterThanOrEqual(few);
    }),
  );
});
