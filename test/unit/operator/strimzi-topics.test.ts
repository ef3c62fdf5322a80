import { expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { decideKafkaTopics } from '../../../src/operator/strimzi-topics.ts';

const LABEL = 'tidemark.dev/pipeline';
const READY = { topicId: 'x', observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] };

test('a KafkaTopic that is missing is applied and waited for', () => {
  const { apply, finding } = decide([]);
  expect(apply.map(({ metadata }) => metadata.name)).toEqual(['stocks']);
  expect(finding).toMatchObject({ status: 'False', reason: 'WaitingForStrimzi' });
});

test('topics are ready when Strimzi says so of the KafkaTopic as it is now', () => {
  expect(decide([live({ status: READY })]).finding).toMatchObject({ status: 'True', reason: 'TopicsExist' });
  const changed = live({ status: READY, generation: 2 });
  expect(decide([changed]).finding).toMatchObject({ status: 'False', reason: 'WaitingForStrimzi' });
});

test('what Strimzi refuses is told in its words', () => {
  const conditions = [
    {
      type: 'Ready',
      status: 'False',
      reason: 'KafkaError',
      message: 'replication factor: 3 larger than available brokers: 1',
    },
  ];
  const { finding } = decide([live({ status: { conditions } })]);
  expect(finding).toMatchObject({ status: 'False', reason: 'StrimziRefused' });
  expect(finding.message).toContain('larger than available brokers: 1');
});

test("another's KafkaTopic for the same topic is used and left as it is", () => {
  const theirs = live({ name: 'their-stocks', labels: {}, topicName: 'stocks', status: READY });
  const { apply, finding } = decide([theirs]);
  expect(apply).toEqual([]);
  expect(finding.status).toBe('True');
});

test("another's KafkaTopic with too few partitions is not grown", () => {
  const theirs = live({
    name: 'their-stocks',
    labels: {},
    topicName: 'stocks',
    partitions: 2,
    status: READY,
  });
  const { apply, finding } = decide([theirs]);
  expect(apply).toEqual([]);
  expect(finding).toMatchObject({ status: 'False', reason: 'PartitionGrowthMovesKeys' });
});

test('a KafkaTopic of the name that is for another topic is told of, not overwritten', () => {
  const { apply, finding } = decide([live({ topicName: 'orders' })]);
  expect(apply).toEqual([]);
  expect(finding).toMatchObject({ status: 'False', reason: 'NameTaken' });
});

test('growth of a topic that exists is applied with the partitions that it has; allowed, with those asked for', () => {
  const few = live({ partitions: 2, status: READY });
  expect(partitionsIn(decide([few]).apply)).toEqual([2]);
  expect(decide([few]).finding.reason).toBe('PartitionGrowthMovesKeys');
  expect(partitionsIn(decide([few], true).apply)).toEqual([4]);
});

test('a KafkaTopic that has more partitions keeps them', () => {
  expect(partitionsIn(decide([live({ partitions: 9, status: READY })]).apply)).toEqual([9]);
});

function decide(existing: readonly KubeObject[], growthAllowed = false) {
  return decideKafkaTopics({
    pipeline: 'stocks',
    cluster: 'my-cluster',
    wanted: [{ role: 'input', name: 'stocks', partitions: 4 }],
    rendered: [live({})],
    live: existing,
    growthAllowed,
    pipelineLabel: LABEL,
  });
}

function live({
  name = 'stocks',
  topicName = 'stocks',
  labels = { [LABEL]: 'stocks' } as Record<string, string>,
  partitions = 4,
  generation = 1,
  status = undefined as object | undefined,
}): KubeObject {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: {
      name,
      namespace: 'trading',
      generation,
      labels: { 'strimzi.io/cluster': 'my-cluster', ...labels },
    },
    spec: { topicName, partitions },
    status,
  };
}

function partitionsIn(applied: readonly KubeObject[]): unknown[] {
  return applied.map(({ spec }) => (spec as { partitions: number }).partitions);
}
