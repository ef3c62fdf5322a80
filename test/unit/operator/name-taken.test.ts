import { expect, test } from '@jest/globals';
import { desiredPipeline } from '../../../src/operator/desired-pipeline.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { nameTaken } from '../../../src/operator/name-taken.ts';

interface Given {
  readonly name?: string;
  readonly created: string;
  readonly brokers?: string;
  readonly redis?: string;
}

function resource(namespace: string, { name = 'stocks', created, brokers, redis }: Given): KubeObject {
  return {
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { namespace, name, creationTimestamp: `2026-01-01T00:00:0${created}Z` },
    spec: {
      kafka: { bootstrapServers: [brokers ?? 'kafka:9092'] },
      redis: { url: redis ?? 'redis://redis:6379' },
      input: { topic: 'stocks' },
      output: { topic: 'stocks_averages' },
      windows: [{ size: '3s' }],
    },
  };
}

function taken(of: KubeObject, others: KubeObject[]): string | undefined {
  const { pipeline, mistakes } = desiredPipeline(of);
  if (pipeline === undefined) throw new Error(mistakes.join());
  return nameTaken(of, pipeline, [...others, of]);
}

test('of two pipelines of one name with the same Kafka the younger is told to take another name', () => {
  const older = resource('a', { created: '1', brokers: 'kafka.shared.svc:9092' });
  const younger = resource('b', { created: '2', brokers: 'kafka.shared.svc.cluster.local:9092' });
  expect(taken(younger, [older])).toMatch(
    /^metadata\.name: the pipeline a\/stocks has this name already and uses the same Kafka at kafka\.shared:9092: give/,
  );
  expect(taken(older, [younger])).toBeUndefined();
});

test('a shared Redis is as bad, with or without its default port', () => {
  const older = resource('a', { created: '1', redis: 'redis://redis.b:6379' });
  const younger = resource('b', { created: '2', redis: 'redis://redis' });
  expect(taken(younger, [older])).toContain('the same Redis at redis.b:6379');
});

test('of two that were made in the same second one keeps the name', () => {
  const brokers = 'kafka.shared:9092';
  const pair = [resource('a', { created: '1', brokers }), resource('b', { created: '1', brokers })];
  expect(pair.filter((each) => taken(each, pair) !== undefined)).toHaveLength(1);
});

test('other names, other brokers and databases, and Services of the own namespace do not collide', () => {
  const older = resource('a', { created: '1' });
  expect(taken(resource('b', { created: '2' }), [older])).toBeUndefined();
  const brokers = 'kafka.shared:9092';
  const shared = resource('a', { created: '1', brokers });
  expect(taken(resource('b', { created: '2', brokers, name: 'bonds' }), [shared])).toBeUndefined();
  const first = resource('a', { created: '1', redis: 'redis://cache.shared/1' });
  expect(taken(resource('b', { created: '2', redis: 'redis://cache.shared/2' }), [first])).toBeUndefined();
});
