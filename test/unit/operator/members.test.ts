import { expect, test } from '@jest/globals';
import { isDead } from '../../../src/operator/members.ts';

test('a pod that runs, starts or waits for its first start is not dead', () => {
  expect(isDead(pod('Running', { state: { running: {} } }))).toBe(false);
  expect(isDead(pod('Running', { state: { running: {} }, lastState: { terminated: {} } }))).toBe(false);
  expect(isDead(pod('Pending', { state: {} }))).toBe(false);
});

test('a pod that has failed, or whose process has crashed is dead', () => {
  expect(isDead(pod('Failed', {}))).toBe(true);
  expect(isDead(pod('Running', { state: { terminated: {} } }))).toBe(true);
  expect(isDead(pod('Running', { state: {}, lastState: { terminated: {} } }))).toBe(true);
});

function pod(phase: string, containerStatus: object) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stocks-1' },
    status: { phase, containerStatuses: [containerStatus] },
  };
}
