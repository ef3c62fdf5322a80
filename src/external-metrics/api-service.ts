import type { KubeObject, OwnerReference } from '../operator/kube-object.ts';
import { METRICS_API_SERVICE, type ServiceAt } from '../operator/metrics-provider.ts';
import { METRICS_API } from './metrics-api.ts';

/** The names by which the API server checks our certificate. */
export function serverNames({ name, namespace }: ServiceAt): readonly string[] {
  return [`${name}.${namespace}.svc`];
}

/**
 * The APIService that makes us the provider. It goes with its owner: without anyone behind it, an APIService makes
 * discovery fail, and with it the deletion of every namespace.
 */
export function apiService(service: ServiceAt, authorities: string, owner: OwnerReference): KubeObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name: METRICS_API_SERVICE,
      labels: { 'app.kubernetes.io/name': 'tidemark', 'app.kubernetes.io/part-of': 'tidemark' },
      ownerReferences: [owner],
    },
    spec: {
      ...METRICS_API,
      service: { name: service.name, namespace: service.namespace, port: 443 },
      caBundle: Buffer.from(authorities).toString('base64'),
      insecureSkipTLSVerify: false,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  };
}

/** The `caBundle` of an APIService, as PEM. */
export function publishedAuthorities({ spec }: KubeObject): string {
  const { caBundle = '' } = spec as { caBundle?: string };
  return Buffer.from(caBundle, 'base64').toString();
}
