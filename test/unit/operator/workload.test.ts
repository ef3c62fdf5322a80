import { expect, test } from '@jest/globals';
import { pipelineObjects } from '../../../cdk8s/pipeline/pipeline-objects.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { withRolloutStrategy } from '../../../src/operator/rollout.ts';
import {
  obsoleteObjects,
  podTrouble,
  replicasToKeep,
  workloadState,
} from '../../../src/operator/workload.ts';

const DONE = {
  observedGeneration: 1,
  replicas: 3,
  updatedReplicas: 3,
  readyReplicas: 3,
  availableReplicas: 3,
};

test('a rollout is over when every pod is new, available and none of the old is left', () => {
  expect(stateOf(DONE)).toMatchObject({
    progressing: { status: 'False', reason: 'RolledOut' },
    ready: { status: 'True', reason: 'Running' },
  });
  expect(stateOf({ ...DONE, replicas: 4 }).progressing.reason).toBe('RollingOut');
  expect(stateOf({ ...DONE, updatedReplicas: 2 }).progressing.reason).toBe('RollingOut');
  expect(stateOf({ ...DONE, observedGeneration: 0 }).progressing.reason).toBe('RollingOut');
});

test('a pipeline runs as long as one pod is ready, and says so when there are fewer than asked for', () => {
  expect(stateOf({ ...DONE, readyReplicas: 1 }, 'pod b: CrashLoopBackOff').ready).toEqual({
    status: 'True',
    reason: 'FewerAggregators',
    message: '1 of 3 aggregators are ready and do all the work; pod b: CrashLoopBackOff',
  });
  expect(stateOf({ ...DONE, readyReplicas: 0 }, 'pod b: CrashLoopBackOff').ready).toEqual({
    status: 'False',
    reason: 'NoAggregatorReady',
    message: 'none of 3 aggregators is ready; pod b: CrashLoopBackOff',
  });
});

test('a rollout that Kubernetes gave up on is stuck', () => {
  const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
  expect(stateOf({ ...DONE, updatedReplicas: 1, conditions }).progressing).toMatchObject({
    status: 'False',
    reason: 'RolloutStuck',
  });
});

test('why pods do not run is told in the words of the kubelet or the scheduler', () => {
  const crashing = pod('a', {
    containerStatuses: [
      {
        restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
        lastState: { terminated: { exitCode: 1 } },
      },
    ],
  });
  expect(podTrouble([crashing])).toBe(
    'pod a: CrashLoopBackOff, ended 4 times, last with code 1: back-off 40s (kubectl logs a says more)',
  );
  const unscheduled = pod('b', {
    conditions: [
      { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' },
    ],
  });
  expect(podTrouble([unscheduled])).toBe('pod b: 0/1 nodes are available: 1 Insufficient cpu.');
  expect(
    podTrouble([pod('c', { containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })]),
  ).toBeUndefined();
});

test('what the spec asks for no more is removed; a pipeline file only when no pod can need it', () => {
  const autoscaler = object('HorizontalPodAutoscaler', 'stocks');
  const old = object('ConfigMap', 'stocks-old');
  const desired = [object('Deployment', 'stocks'), object('ConfigMap', 'stocks-new')];
  const live = [...desired, autoscaler, old];
  expect(obsoleteObjects(live, desired, [podWith('stocks-old')], false)).toEqual([autoscaler]);
  expect(obsoleteObjects(live, desired, [podWith('stocks-new')], true)).toEqual([autoscaler]);
  expect(obsoleteObjects(live, desired, [podWith('stocks-new')], false)).toEqual([autoscaler, old]);
});

test('pods of a changed pipeline start when all of the former have ended; any other change rolls one by one', () => {
  const desired = deployment('stocks-new', { type: 'RollingUpdate' });
  const strategyOf = (object: KubeObject) => (object.spec as { strategy: { type: string } }).strategy.type;
  expect(strategyOf(withRolloutStrategy(desired, undefined, []))).toBe('RollingUpdate');
  expect(strategyOf(withRolloutStrategy(desired, deployment('stocks-old'), []))).toBe('Recreate');
  expect(strategyOf(withRolloutStrategy(desired, desired, [podWith('stocks-old')]))).toBe('Recreate');
  expect(strategyOf(withRolloutStrategy(desired, desired, [podWith('stocks-new')]))).toBe('RollingUpdate');
});

test('the number of replicas is kept when it becomes the autoscaler’s, and is at least its minimum', () => {
  const autoscaler = { ...object('HorizontalPodAutoscaler', 'stocks'), spec: { minReplicas: 2 } };
  const scaled = { ...object('Deployment', 'stocks'), spec: {} };
  const fixed = (replicas: number) => ({ ...object('Deployment', 'stocks'), spec: { replicas } });
  expect(replicasToKeep(scaled, fixed(5), { wanted: autoscaler, live: undefined })).toBe(5);
  expect(replicasToKeep(scaled, undefined, { wanted: autoscaler, live: undefined })).toBe(2);
  expect(replicasToKeep(scaled, fixed(5), { wanted: autoscaler, live: autoscaler })).toBeUndefined();
  expect(replicasToKeep(fixed(3), fixed(5), { wanted: undefined, live: undefined })).toBeUndefined();
});

test('what the constructs make is known by its pipeline file: other windows are another rollout than other replicas', () => {
  const made = (more: Partial<SpecInput>): KubeObject => {
    const objects = pipelineObjects(
      {
        apiVersion: 'tidemark.dev/v1alpha1',
        kind: 'MovingAverage',
        metadata: { name: 'stocks' },
        spec: {
          kafka: { bootstrapServers: ['kafka:9092'] },
          input: { topic: 'stocks' },
          output: { topic: 'stocks_averages' },
          windows: [{ size: '3s' }],
          ...more,
        },
      },
      {
        image: 'x',
        imagePullPolicy: 'Never',
        namespace: 'trading',
        hasStrimzi: false,
        hasPodMonitor: false,
        hasKeda: false,
        operatorMetricsUrl: 'http://operator/metrics',
      },
    ) as KubeObject[];
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    return deployment;
  };
  const strategyOf = ({ spec }: KubeObject) => (spec as { strategy: { type: string } }).strategy.type;
  expect(strategyOf(withRolloutStrategy(made({ replicas: 3 }), made({}), []))).toBe('RollingUpdate');
  expect(strategyOf(withRolloutStrategy(made({ windows: [{ size: '4s' }] }), made({}), []))).toBe('Recreate');
});

function stateOf(status: object, trouble?: string) {
  const spec = { replicas: 3, selector: { matchLabels: { app: 'x' } } };
  const made: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'stocks', generation: 1 },
    spec,
    status,
  };
  return workloadState(made, trouble);
}

function object(kind: string, name: string): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'trading' } };
}

function pod(name: string, status: object): KubeObject {
  return { ...object('Pod', name), status };
}

function podWith(configMap: string): KubeObject {
  return { ...object('Pod', 'p'), spec: { volumes: [{ name: 'pipeline', configMap: { name: configMap } }] } };
}

function deployment(configMap: string, strategy: object = { type: 'RollingUpdate' }): KubeObject {
  return { ...object('Deployment', 'stocks'), spec: { strategy, template: podWith(configMap) } };
}
