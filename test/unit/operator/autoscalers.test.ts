import { beforeEach, expect, test } from '@jest/globals';
import { pipelineObjects } from '../../../cdk8s/pipeline/pipeline-objects.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { PipelineKnowledge } from '../../../src/operator/pipeline-knowledge.ts';
import { PipelineReconciler } from '../../../src/operator/pipeline-reconciler.ts';
import type { PipelineStatus } from '../../../src/operator/status.ts';
import { lookOf } from '../../../src/operator/topics-reconciler.ts';
import { PIPELINE_LABEL } from '../../../src/resource/cluster-names.ts';
import type { MovingAverageObject } from '../../../src/resource/moving-average.ts';
import { scaledBy, SURROUNDINGS } from '../../support/manifest-objects.ts';
import { MemoryCluster } from '../../support/memory-cluster.ts';

const KEY = 'trading/stocks';
let cluster: MemoryCluster;
let knowledge: PipelineKnowledge;
let reconciler: PipelineReconciler;

beforeEach(() => {
  cluster = new MemoryCluster();
  knowledge = new PipelineKnowledge();
  reconciler = new PipelineReconciler({
    isRegistrationContested: () => false,
    view: cluster,
    effects: cluster,
    knowledge,
    pipelineLabel: PIPELINE_LABEL,
    nowMs: () => Date.UTC(2026, 0, 2),
    render: (resource, { hasKeda }) =>
      pipelineObjects(resource as unknown as MovingAverageObject, {
        ...SURROUNDINGS,
        hasStrimzi: false,
        hasKeda,
        ownerReference: {
          apiVersion: resource.apiVersion,
          kind: resource.kind,
          name: 'stocks',
          uid: 'a-uid',
        },
      }),
  });
});

test('a pipeline that KEDA is to scale has a ScaledObject instead of its autoscaler, one after the other', async () => {
  cluster.hasKeda = true;
  await applied('operator');
  expect(autoscalers()).toEqual(['HorizontalPodAutoscaler']);
  await applied('keda');
  expect(autoscalers()).toEqual(['ScaledObject']);
  expect(cluster.removed.map(({ kind }) => kind)).toEqual(['HorizontalPodAutoscaler']);
  await applied('prometheus');
  expect(autoscalers()).toEqual(['HorizontalPodAutoscaler']);
  expect(cluster.removed.map(({ kind }) => kind)).toEqual(['HorizontalPodAutoscaler', 'ScaledObject']);
});

test('where KEDA is not installed the pipeline runs and its condition says what to install', async () => {
  await applied('keda');
  expect(cluster.objects('trading').some(({ kind }) => kind === 'Deployment')).toBe(true);
  expect(autoscalers()).toEqual([]);
  expect(scalingActive()).toMatchObject({ status: 'False', reason: 'KedaMissing' });
});

test('the number of replicas begins with the least that scaling allows, whoever scales', async () => {
  for (const metrics of ['operator', 'keda'] as const) {
    for (const object of cluster.objects('trading').slice()) await cluster.remove(object);
    cluster.hasKeda = true;
    await applied(metrics);
    const deployment = cluster.objects('trading').find(({ kind }) => kind === 'Deployment');
    expect((deployment?.spec as { replicas?: number }).replicas).toBe(2);
  }
});

test('what was measured is in the status, and stays there until something is measured anew', async () => {
  const status = { desiredReplicas: 4, ratePerPod: 90_000, message: 'much' };
  knowledge.of(KEY).scaling = { status, blind: undefined };
  await applied('operator');
  expect(lastStatus().scaling).toEqual(status);
  knowledge.of(KEY).scaling = undefined; // another process leads
  await reconciler.reconcile(KEY);
  expect(lastStatus().scaling).toEqual(status);
});

async function applied(metrics: 'operator' | 'keda' | 'prometheus'): Promise<void> {
  const { metadata, ...rest } = scaledBy(metrics);
  const resource: KubeObject = {
    ...rest,
    metadata: { ...metadata, namespace: 'trading', uid: 'a-uid', generation: 1 },
    spec: { ...rest.spec, kafka: { bootstrapServers: ['kafka:9092'] } },
    status: cluster.resource(KEY)?.status,
  };
  cluster.putResource(resource);
  const known = knowledge.of(KEY);
  known.topics = { status: 'True', reason: 'TopicsExist', message: 'there' };
  known.topicsOf = lookOf(resource);
  await reconciler.reconcile(KEY);
}

function autoscalers(): string[] {
  return cluster
    .objects('trading')
    .map(({ kind }) => kind)
    .filter((kind) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
}

function scalingActive() {
  return lastStatus().conditions.find(({ type }) => type === 'ScalingActive');
}

function lastStatus(): PipelineStatus {
  return cluster.resource(KEY)?.status as PipelineStatus;
}
