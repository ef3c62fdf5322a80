import { expect, test } from '@jest/globals';
import { metricsProviderOf } from '../../../src/operator/metrics-provider.ts';
import { scalingState } from '../../../src/operator/scaling.ts';

const OURS = { namespace: 'tidemark', name: 'tidemark-external-metrics' };

test.each([
  ['nobody is registered', undefined, undefined],
  ['our Service is', { ...OURS, port: 443 }, { kind: 'tidemark' }],
  [
    'a Service of our name elsewhere is',
    { ...OURS, namespace: 'other' },
    { kind: 'other', service: 'other/tidemark-external-metrics' },
  ],
  [
    'KEDA is',
    { namespace: 'keda', name: 'keda-operator-metrics-apiserver' },
    { kind: 'other', service: 'keda/keda-operator-metrics-apiserver' },
  ],
  ['a CustomResourceDefinition is', null, { kind: 'other', service: 'the API server itself' }],
])('where %s, that is who serves external metrics', (_what, service, provider) => {
  const metadata = { name: 'v1beta1.external.metrics.k8s.io' };
  const apiService = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata };
  const spec = service === null ? {} : { service };
  expect(metricsProviderOf(service === undefined ? undefined : { ...apiService, spec }, OURS)).toEqual(
    provider,
  );
});

test('an autoscaler that gets no number says that another provider is the reason, and what to do', () => {
  const other = { kind: 'other', service: 'keda/keda-operator-metrics-apiserver' } as const;
  const blind = autoscaler({ type: 'ScalingActive', status: 'False', reason: 'FailedGetExternalMetric' });
  const finding = scalingState(true, blind, other);
  expect(finding).toMatchObject({ status: 'False', reason: 'OtherMetricsProvider' });
  expect(finding.message).toContain('keda/keda-operator-metrics-apiserver');
  expect(finding.message).toContain('spec.scaling.metrics');
  const following = autoscaler({ type: 'ScalingActive', status: 'True' });
  expect(scalingState(true, following, other).status).toBe('True');
  expect(scalingState(false, undefined, other).reason).toBe('NotConfigured');
  expect(scalingState(true, blind, { kind: 'tidemark' }).reason).toBe('FailedGetExternalMetric');
});

function autoscaler(condition: object) {
  const metadata = { name: 'stocks-aggregator', namespace: 'trading' };
  const status = { conditions: [condition] };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, status };
}
