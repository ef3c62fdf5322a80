import { expect, test } from '@jest/globals';
import { podOf, statusText, type Shown } from '../../../src/cli/status-text.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 14, 30);
const ago = (seconds: number): string => new Date(NOW_MS - seconds * 1_000).toISOString();

function pod(name: string, status: object, metadata: object = {}): KubeObject {
  const spec = { nodeName: 'node-1' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec, status };
}

const READY = { type: 'Ready', status: 'True' };
const RUNNING = pod('stocks-a', {
  phase: 'Running',
  startTime: ago(7_300),
  conditions: [READY],
  containerStatuses: [{ restartCount: 2, state: { running: {} } }],
});
const CRASHING = pod('stocks-b', {
  phase: 'Running',
  startTime: ago(90),
  containerStatuses: [{ restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
});

function shown(change: Partial<Shown> = {}, status: object = {}): Shown {
  const condition = (type: string, is: string, reason: string, message: string) => ({
    ...{ type, status: is, reason, message },
    ...{ observedGeneration: 2, lastTransitionTime: ago(200) },
  });
  const resource: KubeObject = {
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { name: 'stocks', namespace: 'trading', generation: 2 },
    status: {
      observedGeneration: 2,
      conditions: [
        condition('Ready', 'True', 'FewerAggregators', '1 of 2 aggregators is ready'),
        condition('Degraded', 'Unknown', 'Whatever', 'two\nlines'),
      ],
      ...{ replicas: 2, readyReplicas: 1, lag: 12_345, watermarkDelay: '6s' },
      ...status,
    },
  };
  const standings = [
    { partition: 0, owner: 'stocks-a', offset: 100, endOffset: 1_600, lag: 1_500, watermark: NOW_MS - 6_500 },
    { partition: 1, owner: null, offset: null, endOffset: 0, lag: 0, watermark: null },
  ];
  return { resource, pods: [RUNNING, CRASHING].map(podOf), partitions: { standings }, ...change };
}

test('a pipeline: its conditions in words, figures, pods with what they have, partitions', () => {
  expect(statusText(shown(), NOW_MS)).toBe(`stocks in namespace trading

CONDITION  HOLDS    SINCE  REASON            MESSAGE
Ready      yes      3m     FewerAggregators  1 of 2 aggregators is ready
Degraded   unknown  3m     Whatever          two lines

aggregators  1 of 2 ready
lag          12,345 records
watermark    6s behind the clock

POD       READY  STATE             RESTARTS  AGE  NODE    PARTITIONS
stocks-a  yes    Running           2         2h   node-1  0
stocks-b  no     CrashLoopBackOff  5         90s  node-1  none

PARTITION  OWNER     OFFSET  LAG    WATERMARK, UTC           BEHIND
0          stocks-a  100     1,500  2026-03-01 14:29:53.500  6s
1          nobody    none    0      none
`);
});

test('what scaling goes by is said, as far as it is known', () => {
  const scaling = {
    ...{ desiredReplicas: 3, arrivalPerSecond: 12_000, lag: 300, ratePerPod: 50_000 },
    ...{ message: 'the backlog is worked off within 60s', measuredAt: ago(5) },
  };
  expect(statusText(shown({}, { scaling }), NOW_MS)).toContain(
    '\nscaling      3 wanted; the backlog is worked off within 60s; 12,000 trades/s arrive, 300 behind, 50,000 trades/s a pod, 5s ago\n',
  );
  expect(statusText(shown({}, { scaling: { message: 'waits' } }), NOW_MS)).toMatch(/^scaling +waits$/m);
});

test('without Kafka it says why there are no partitions, and pods stand without theirs', () => {
  const text = statusText(
    shown({ partitions: { why: 'The broker at kafka:9092 cannot be reached.' } }),
    NOW_MS,
  );
  expect(text).toMatch(/^POD +READY +STATE +RESTARTS +AGE +NODE$/m);
  expect(text).toContain('\npartitions are not shown: The broker at kafka:9092 cannot be reached.\n');
  expect(text).toContain('--brokers');
});

test('a spec that the operator has not seen yet is told, and one that it never looked at', () => {
  const { resource } = shown();
  const newer = { ...resource, metadata: { ...resource.metadata, generation: 3 } };
  expect(statusText(shown({ resource: newer }), NOW_MS)).toContain('has not seen the newest spec yet');
  const fresh = { ...resource, status: undefined };
  expect(statusText(shown({ resource: fresh, pods: [] }), NOW_MS)).toMatch(
    /The operator has not looked at it yet[\s\S]*^no pods$/m,
  );
});

test('a pod that ends is told apart from one that runs', () => {
  const ending = pod('stocks-c', { phase: 'Running', conditions: [READY] }, { deletionTimestamp: ago(1) });
  expect(podOf(ending)).toMatchObject({ state: 'Terminating', restarts: 0, startedAt: null });
  expect(podOf(pod('stocks-d', { phase: 'Pending' }))).toMatchObject({ state: 'Pending', ready: false });
});
