import { expect, test } from '@jest/globals';
import { desiredReplicas } from '../../../src/external-metrics/desired-replicas.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test('the number in a status is a series of the metric, named by its pipeline', () => {
  expect(asked({ labelSelector: 'pipeline=stocks' }, [seen('stocks', 7), seen('bonds', 2)])).toEqual({
    status: 200,
    body: {
      kind: 'ExternalMetricValueList',
      apiVersion: 'external.metrics.k8s.io/v1beta1',
      metadata: {},
      items: [
        {
          metricName: 'tidemark_desired_replicas',
          metricLabels: { pipeline: 'stocks' },
          timestamp: '2026-01-02T03:04:05Z',
          value: '7',
        },
      ],
    },
  });
});

test('a pipeline that is asked to run none is a zero, not an error', () => {
  expect(asked({}, [seen('stocks', 0)])).toMatchObject({ status: 200, body: { items: [{ value: '0' }] } });
});

test('a selector of several pipelines gives all of them, but only those of the namespace', () => {
  const elsewhere = { ...seen('far', 9), metadata: { name: 'far', namespace: 'elsewhere' } };
  const { body } = asked({}, [seen('stocks', 7), seen('bonds', 2), unscaled('fixed'), elsewhere]);
  expect((body as { items: { value: string }[] }).items.map(({ value }) => value)).toEqual(['7', '2']);
});

test('a pipeline without a number is an error with its words, never a zero and never left out', () => {
  const blind = scaled('stocks', { message: 'no broker answers' });
  for (const others of [[], [seen('bonds', 2)]]) {
    expect(asked({}, [blind, ...others])).toEqual({
      status: 503,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        reason: 'ServiceUnavailable',
        code: 503,
        message: 'MovingAverage stocks: no broker answers',
      },
    });
  }
});

test.each([
  ['has no status yet', undefined, 'its load has not been looked at yet'],
  ['has no number', {}, 'its load has not been looked at yet'],
  ['has half a replica', { desiredReplicas: 1.5, message: 'odd' }, 'odd'],
  ['has a text for a number', { desiredReplicas: '3', message: 'odd' }, 'odd'],
])('a pipeline that %s is blind', (_what, scaling, words) => {
  expect(asked({}, [scaled('stocks', scaling)])).toMatchObject({
    status: 503,
    body: { message: `MovingAverage stocks: ${words}` },
  });
});

test.each([
  [{ labelSelector: 'pipeline=gone' }, 404, 'the namespace trading has no MovingAverage with pipeline=gone'],
  [{ namespace: 'empty' }, 404, 'the namespace empty has no MovingAverage'],
  [{ labelSelector: 'pipeline=fixed' }, 404, 'spec.scaling is not set in MovingAverage fixed'],
  [
    { metric: 'queue_length' },
    404,
    'there is no metric queue_length; Tidemark has one: tidemark_desired_replicas',
  ],
  [{ labelSelector: 'pipeline in' }, 400, "unable to parse 'pipeline in': expected (, found the end"],
])('%j is answered %i: %s', (query, status, message) => {
  const answer = asked(query, [seen('stocks', 7), unscaled('fixed')]);
  expect(answer).toMatchObject({
    status,
    body: { kind: 'Status', status: 'Failure', code: status, message },
  });
});

function asked(
  query: { namespace?: string; metric?: string; labelSelector?: string },
  resources: readonly KubeObject[],
) {
  const { namespace = 'trading', metric = 'tidemark_desired_replicas', labelSelector = '' } = query;
  return desiredReplicas({ namespace, metric, labelSelector }, resources, NOW_MS);
}

function seen(name: string, desiredReplicas: number): KubeObject {
  return scaled(name, { desiredReplicas, message: 'as the load asks' });
}

function scaled(name: string, scaling: object | undefined): KubeObject {
  const status = scaling === undefined ? {} : { status: { scaling } };
  return { ...unscaled(name), spec: { scaling: { maxReplicas: 12 } }, ...status };
}

function unscaled(name: string): KubeObject {
  const metadata = { name, namespace: 'trading' };
  return { apiVersion: 'tidemark.dev/v1alpha1', kind: 'MovingAverage', metadata, spec: {} };
}
