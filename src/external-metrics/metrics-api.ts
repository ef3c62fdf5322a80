import { DESIRED_REPLICAS_METRIC } from '../resource/cluster-names.ts';

/** The API that autoscalers ask for metrics from outside of Kubernetes. A cluster has one provider of it. */
export const METRICS_API = { group: 'external.metrics.k8s.io', version: 'v1beta1' } as const;

export const METRICS_GROUP_VERSION = `${METRICS_API.group}/${METRICS_API.version}`;

/** What the API consists of, for the API server's discovery and for `kubectl api-resources`. */
export const DISCOVERY = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: METRICS_GROUP_VERSION,
  resources: [
    {
      name: DESIRED_REPLICAS_METRIC,
      singularName: '',
      namespaced: true,
      kind: 'ExternalMetricValueList',
      verbs: ['get'], // no list and no delete: whoever empties a namespace passes it over
    },
  ],
};
