import { expect, test } from '@jest/globals';
import { metricsProviderOf } from '../../../src/operator/metrics-provider.ts';

const OURS = { namespace: 'tidemark', name: 'tidemark-external-metrics' };

test.each([
  ['nobody is registered', undefined, undefined],
  ['our Service is', { ...OURS, port: 443 }, 'tidemark'],
  [
    'a Service of our name elsewhere is',
    { ...OURS, namespace: 'other' },
    { other: 'other/tidemark-external-metrics' },
  ],
  [
    'KEDA is',
    { namespace: 'keda', name: 'keda-operator-metrics-apiserver' },
    { other: 'keda/keda-operator-metrics-apiserver' },
  ],
  ['a CustomResourceDefinition is', null, { other: 'the API server itself' }],
])('where %s, that is who serves external metrics', (_what, service, provider) => {
  const metadata = { name: 'v1beta1.external.metrics.k8s.io' };
  const apiService = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata };
  const spec = service === null ? {} : { service };
  expect(metricsProviderOf(service === undefined ? undefined : { ...apiService, spec }, OURS)).toEqual(
    provider,
  );
});
