import type { KubeObject } from './kube-object.ts';
import type { MetricsProvider } from './ports.ts';

/** Where the API server finds who serves an API. */
export interface ServiceAt {
  readonly namespace: string;
  readonly name: string;
}

/** The APIService of external metrics. */
export const METRICS_API_SERVICE = 'v1beta1.external.metrics.k8s.io';

/** Whom an APIService leads to; undefined: nobody is registered. */
export function metricsProviderOf(
  apiService: KubeObject | undefined,
  ours: ServiceAt,
): MetricsProvider | undefined {
  if (apiService === undefined) return undefined;
  const { service } = apiService.spec as { service?: Partial<ServiceAt> };
  const { namespace = '', name = '' } = service ?? {};
  return namespace === ours.namespace && name === ours.name
    ? 'tidemark'
    : { other: service === undefined ? 'the API server itself' : `${namespace}/${name}` };
}
