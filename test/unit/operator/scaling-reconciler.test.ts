import { beforeEach, expect, test } from '@jest/globals';
import { pipelineObjects } from '../../../cdk8s/pipeline/pipeline-objects.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { PipelineKnowledge } from '../../../src/operator/pipeline-knowledge.ts';
import type { PipelineKafka } from '../../../src/operator/ports.ts';
import { ScalingReconciler } from '../../../src/operator/scaling-reconciler.ts';
import type { ScalingStatus } from '../../../src/operator/scaling-status.ts';
import { TidemarkError } from '../../../src/pipeline/error.ts';
import type { LoadReading } from '../../../src/scaling/load-reading.ts';
import { SteadyTopic } from '../../support/loads.ts';
import { exampleObject, SURROUNDINGS } from '../../support/manifest-objects.ts';
import { MemoryCluster } from '../../support/memory-cluster.ts';

const KEY = 'trading/stocks';
const ALL = [Array.from({ length: 12 }, (_, partition) => partition)];

let cluster: MemoryCluster;
let knowledge: PipelineKnowledge;
let topic: SteadyTopic;
let load: () => LoadReading;
let nowMs: number;
let found: number;
let scaling: ScalingReconciler;

beforeEach(() => {
  cluster = new MemoryCluster();
  cluster.putResource(resource());
  for (const object of pipelineObjects(exampleObject('stocks'), SURROUNDINGS)) cluster.put(object);
  topic = new SteadyTopic(12);
  load = () => topic.next(100_000, 100_000, ALL);
  nowMs = Date.UTC(2026, 0, 2);
  start();
});

test('two readings make a number, which is told with what it follows from', async () => {
  expect(await look()).toBe(5_000);
  expect(status()).toMatchObject({ message: 'how fast trades arrive is being measured' });
  expect(status()?.desiredReplicas).toBeUndefined();
  await look();
  expect(status()).toEqual({
    desiredReplicas: 2,
    currentReplicas: 0,
    arrivalPerSecond: 100_000,
    lag: 0,
    message:
      '100,000 trades/s arrive, 0 wait; one aggregator is taken to fold 250,000/s: 1 would do, scaling.minReplicas keeps 2',
    measuredAt: '2026-01-02T00:00:10Z',
  });
  expect(cluster.notes).toMatchObject([{ reason: 'ReplicasDesired', text: status()?.message }]);
});

test('another number is told at once, other figures once in a while, and what looks the same not at all', async () => {
  await look();
  await look();
  const told = found;
  load = () => topic.next(100_300, 100_300, ALL);
  for (let each = 0; each < 6; each++) await look();
  expect(found).toBe(told);
  load = () => topic.next(120_000, 120_000, ALL);
  for (let each = 0; each < 3; each++) await look();
  expect(found).toBe(told + 1);
  load = () => topic.next(2_000_000, 200_000, ALL);
  await look();
  expect(found).toBe(told + 2);
  expect(status()?.desiredReplicas).toBe(12);
  expect(status()?.message).toContain('one for each partition');
});

test('brokers that cannot be asked take the number away at once, and it is back with them', async () => {
  await look();
  await look();
  load = () => {
    throw new TidemarkError(
      'KAFKA_UNREACHABLE',
      'Kafka cannot be asked: gone.',
      'See whether the brokers run.',
    );
  };
  await expect(look()).rejects.toThrow('Kafka cannot be asked');
  expect(status()?.desiredReplicas).toBeUndefined();
  expect(knowledge.of(KEY).scaling?.blind).toMatchObject({ status: 'False', reason: 'KafkaUnreachable' });
  expect(status()?.message).toContain('See whether the brokers run.');
  load = () => topic.next(100_000, 100_000, ALL);
  await look();
  expect(status()?.desiredReplicas).toBe(2);
  expect(knowledge.of(KEY).scaling?.blind).toBeUndefined();
});

test('a new leader goes on with the number and the rate that the status holds', async () => {
  cluster.putResource(
    resource({ scaling: { desiredReplicas: 6, ratePerPod: 90_000, message: 'from before' } }),
  );
  start();
  await look();
  expect(status()).toMatchObject({ desiredReplicas: 6, ratePerPod: 90_000 });
  expect(cluster.notes).toEqual([]);
});

test('a pipeline into which nothing comes is looked at less often', async () => {
  load = () => topic.next(0, 0, ALL);
  await look();
  expect(await look()).toBe(30_000);
});

test('without spec.scaling, or while the resource goes, nothing is measured', async () => {
  const { spec } = exampleObject('stocks');
  cluster.putResource({ ...resource(), spec: { ...spec, scaling: undefined } });
  expect(await look()).toBeUndefined();
  const going = resource();
  cluster.putResource({
    ...going,
    metadata: { ...going.metadata, deletionTimestamp: '2026-01-02T00:00:00Z' },
  });
  expect(await look()).toBeUndefined();
  expect(found).toBe(0);
});

async function look(): Promise<number | undefined> {
  nowMs += 5_000;
  return scaling.reconcile(KEY);
}

function start(): void {
  knowledge = new PipelineKnowledge();
  found = 0;
  const kafka = { load: async () => Promise.resolve(load()) } as unknown as PipelineKafka;
  scaling = new ScalingReconciler({
    view: cluster,
    effects: cluster,
    kafka,
    knowledge,
    onFound: () => (found += 1),
    nowMs: () => nowMs,
  });
}

function status(): ScalingStatus | undefined {
  return knowledge.of(KEY).scaling?.status;
}

function resource(before?: object): KubeObject {
  const example = exampleObject('stocks');
  return {
    ...example,
    metadata: { ...example.metadata, namespace: 'trading', uid: 'a-uid', generation: 1 },
    status: before,
  };
}
