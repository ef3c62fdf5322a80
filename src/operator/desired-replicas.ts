import type { KubeObject } from './kube-object.ts';
import type { ScalingStatus } from './scaling-status.ts';

/**
 * What the load of each pipeline asks for, of those where that is known. From the status of the resources, and so the
 * same from every operator, whichever leads.
 */
export function* desiredReplicas(
  resources: Iterable<KubeObject>,
): Generator<{ namespace: string; pipeline: string; replicas: number }> {
  for (const { metadata, status } of resources) {
    const { scaling } = (status ?? {}) as { scaling?: ScalingStatus };
    if (scaling?.desiredReplicas === undefined) continue;
    yield {
      namespace: metadata.namespace ?? '',
      pipeline: metadata.name,
      replicas: scaling.desiredReplicas,
    };
  }
}
