import { expect, test } from '@jest/globals';
import type { Condition, Finding } from '../../../src/operator/condition.ts';
import { desiredPipeline } from '../../../src/operator/desired-pipeline.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import {
  isSameStatus,
  statusOf,
  statusOfInvalid,
  type PipelineStatus,
} from '../../../src/operator/status.ts';
import { workloadState } from '../../../src/operator/workload.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const THERE: Finding = { status: 'True', reason: 'TopicsExist', message: 'there are stocks' };
const OFF: Finding = { status: 'False', reason: 'NotConfigured', message: 'not set' };
const RUNNING = workloadState(
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'stocks', generation: 1 },
    spec: { replicas: 1, selector: { matchLabels: { app: 'x', part: 'y' } } },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    },
  },
  undefined,
);

test('a pipeline that runs is Ready and not Degraded, with lag and delay in words', () => {
  const progress = { lagRecords: 12, watermarkMs: NOW_MS - 6_200 };
  const status = statusOf(
    resource(),
    { topics: THERE, workload: RUNNING, scaling: OFF, load: undefined, progress },
    NOW_MS,
  );
  expect(status).toMatchObject({
    observedGeneration: 3,
    replicas: 1,
    selector: 'app=x,part=y',
    lag: 12,
    watermarkDelay: '6s',
  });
  expect(statuses(status)).toEqual({
    Ready: 'True',
    TopicsReady: 'True',
    Progressing: 'False',
    ScalingActive: 'False',
    Degraded: 'False',
  });
});

test('a growth that is refused makes the pipeline Degraded, while it stays Ready', () => {
  const topics: Finding = {
    status: 'False',
    reason: 'PartitionGrowthMovesKeys',
    message: 'stop the producers',
  };
  const status = statusOf(
    resource(),
    { topics, workload: RUNNING, scaling: OFF, load: undefined, progress: undefined },
    NOW_MS,
  );
  expect(statuses(status)).toMatchObject({ Ready: 'True', TopicsReady: 'False', Degraded: 'True' });
});

test('a pipeline whose topics are missing is not Ready, for the reason that its topics have', () => {
  const topics: Finding = { status: 'False', reason: 'StrimziMissing', message: 'install Strimzi' };
  const status = statusOf(
    resource(),
    {
      topics,
      workload: workloadState(undefined, undefined),
      scaling: OFF,
      load: undefined,
      progress: undefined,
    },
    NOW_MS,
  );
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: 'StrimziMissing', message: 'install Strimzi' });
});

test('brokers that cannot be asked make a pipeline that computes no less Ready', () => {
  const topics: Finding = { status: 'Unknown', reason: 'KafkaUnreachable', message: 'no broker answers' };
  const status = statusOf(
    resource(),
    { topics, workload: RUNNING, scaling: OFF, load: undefined, progress: undefined },
    NOW_MS,
  );
  expect(statuses(status)).toMatchObject({ Ready: 'True', TopicsReady: 'Unknown', Degraded: 'True' });
});

test('a symbol in several partitions makes a pipeline that runs Degraded, with the remedy', () => {
  const split = { count: 12, symbol: 'AMC', partitions: [0, 3] } as const;
  const progress = { lagRecords: 0, watermarkMs: NOW_MS, split };
  const observed = { topics: THERE, workload: RUNNING, scaling: OFF, load: undefined, progress };
  const status = statusOf(resource(), observed, NOW_MS);
  expect(statuses(status)).toMatchObject({ Ready: 'True', Degraded: 'True' });
  const degraded = status.conditions.find(({ type }) => type === 'Degraded');
  expect(degraded).toMatchObject({ reason: 'SymbolInSeveralPartitions' });
  expect(degraded?.message).toContain('AMC trades in the partitions 0 and 3');
  expect(degraded?.message).toContain('at least 11 more');
  expect(degraded?.message).toContain('spec.input.rekey: true');
});

test('the time of a transition stays until the status of the condition changes', () => {
  const before = statusOf(
    resource(),
    { topics: THERE, workload: RUNNING, scaling: OFF, load: undefined, progress: undefined },
    NOW_MS,
  );
  const observed = {
    topics: { ...THERE, status: 'False' } as const,
    workload: RUNNING,
    scaling: OFF,
    load: undefined,
    progress: undefined,
  };
  const after = statusOf(resource(before), observed, NOW_MS + 60_000);
  const timeOf = (status: PipelineStatus, type: Condition['type']) =>
    status.conditions.find((each) => each.type === type)?.lastTransitionTime;
  expect(timeOf(after, 'Ready')).toBe(timeOf(before, 'Ready'));
  expect(timeOf(after, 'TopicsReady')).toBe('2026-01-02T03:05:05Z');
});

test('a status is written only where it says something else, whatever the order of its keys', () => {
  const status = statusOf(
    resource(),
    { topics: THERE, workload: RUNNING, scaling: OFF, load: undefined, progress: undefined },
    NOW_MS,
  );
  const reversed = Object.fromEntries(Object.entries(status).reverse());
  expect(isSameStatus(status, reversed)).toBe(true);
  expect(isSameStatus({ ...status, replicas: 2 }, reversed)).toBe(false);
  expect(isSameStatus(status, undefined)).toBe(false);
});

test('a resource with mistakes is Degraded with every one of them', () => {
  const spec = {
    kafka: { bootstrapServers: ['kafka:9092'] },
    input: { topic: 'stocks', partitons: 3 },
    windows: [{ size: '3 s' }],
  };
  const { mistakes } = desiredPipeline({ ...resource(), spec });
  expect(mistakes).toHaveLength(2);
  const status = statusOfInvalid(resource(), mistakes, RUNNING, NOW_MS);
  expect(statuses(status)).toMatchObject({ Ready: 'False', Degraded: 'True' });
  const degraded = status.conditions.find(({ type }) => type === 'Degraded');
  expect(degraded?.message).toContain('spec.input.partitons: is not a known key; did you mean partitions?');
  expect(degraded?.message).toContain('spec.windows[0].size');
  expect(degraded?.message).toContain('What ran before goes on as it was.');
});

test('what a pipeline file may leave out, a cluster needs: brokers and topics, and no files', () => {
  const { mistakes } = desiredPipeline({
    ...resource(),
    spec: { windows: [{ size: '3s' }], late: { file: 'late.csv' } },
  });
  expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
    'spec.kafka',
    'spec.input.topic',
    'spec.output.topic',
    'spec.late.file',
  ]);
});

function resource(status?: unknown): KubeObject {
  return {
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { name: 'stocks', namespace: 'trading', generation: 3 },
    spec: {},
    status,
  };
}

function statuses({ conditions }: PipelineStatus): Record<string, string> {
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
}
