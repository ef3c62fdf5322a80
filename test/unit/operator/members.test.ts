import { expect, test } from '@jest/globals';
import { isDead } from '../../../src/operator/members.ts';

test('a pod that runs, starts or waits for its first start is not dead', () => {
  expect(isDead(pod('Running', { state: { running: {} } }), false)).toBe(false);
  expect(isDead(pod('Running', { state: { running: {} }, lastState: { terminated: {} } }), false)).toBe(
    false,
  );
  expect(isDead(pod('Pending', { state: {} }), false)).toBe(false);
});

test('a pod that is gone, has failed, or whose process has crashed is dead', () => {
  expect(isDead(pod('Running', { state: { running: {} } }), true)).toBe(true);
  expect(isDead(pod('Failed', {}), false)).toBe(true);
  expect(isDead(pod('Running', { state: { terminated: {} } }), false)).toBe(true);
  expect(isDead(pod('Running', { state: {}, lastState: { terminated: {} } }), false)).toBe(true);
});

function pod(phase: string, containerStatus: object) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stocks-1' },
    status: { phase, containerStatuses: [containerStatus] },
  };
}
