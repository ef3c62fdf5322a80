import type { KubernetesObject } from './kubernetes-object.ts';

/** A namespace; a restricted one admits no pod that is not held to the "restricted" Pod Security Standard. */
export function namespaceObject(name: string, { restricted }: { restricted: boolean }): KubernetesObject {
  const labels = { 'app.kubernetes.io/part-of': 'tidemark' };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: restricted ? { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' } : labels,
    },
  };
}
