import { expect, test } from '@jest/globals';
import { claimOf, type LeaseSpec } from '../../../src/kube/lease.ts';

const TIMES = { durationMs: 15_000, renewWithinMs: 10_000, retryMs: 2_000 };
const WALL_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

test('a lease that nobody made is made', () => {
  expect(claimOf(undefined, 'a', TIMES, WALL_MS, 0)).toEqual({
    metadata: {},
    spec: {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.006000Z',
      renewTime: '2026-01-02T03:04:05.006000Z',
      leaseTransitions: 0,
    },
  });
});

test('one of another is left until it was not renewed for its duration, by our own clock', () => {
  expect(claim({ holderIdentity: 'b', leaseDurationSeconds: 15 }, 14_999)).toBeUndefined();
  expect(claim({ holderIdentity: 'b', leaseDurationSeconds: 15, leaseTransitions: 4 }, 15_000)).toMatchObject(
    {
      metadata: { resourceVersion: '7' },
      spec: { holderIdentity: 'a', leaseTransitions: 5 },
    },
  );
});

test('of two operators with different durations the longer one counts', () => {
  expect(claim({ holderIdentity: 'b', leaseDurationSeconds: 60 }, 59_000)).toBeUndefined();
  expect(claim({ holderIdentity: 'b', leaseDurationSeconds: 1 }, 14_000)).toBeUndefined();
});

test('one that was given up is taken at once', () => {
  expect(claim({ holderIdentity: '', leaseDurationSeconds: 1 }, 0)?.spec.holderIdentity).toBe('a');
});

test('our own is renewed without a transition', () => {
  const spec = { holderIdentity: 'a', leaseTransitions: 2, acquireTime: 'then' };
  expect(claim(spec, 0)?.spec).toMatchObject({ ...spec, renewTime: '2026-01-02T03:04:05.006000Z' });
});

function claim(spec: LeaseSpec, unseenForMs: number) {
  const sighting = { lease: { metadata: { resourceVersion: '7' }, spec }, atMs: 1_000 };
  return claimOf(sighting, 'a', TIMES, WALL_MS, 1_000 + unseenForMs);
}
