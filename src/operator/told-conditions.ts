import type { Condition } from './condition.ts';
import type { KubeObject } from './kube-object.ts';

export interface ToldCondition extends Pick<Condition, 'type' | 'status' | 'reason'> {
  readonly namespace: string;
  readonly pipeline: string;
}

/** The conditions of each pipeline as they stand in its status, and so the same from every operator. */
export function* toldConditions(resources: Iterable<KubeObject>): Generator<ToldCondition> {
  for (const { metadata, status } of resources) {
    const { conditions = [] } = (status ?? {}) as { conditions?: readonly Condition[] };
    for (const { type, status: isSo, reason } of conditions)
      yield { namespace: metadata.namespace ?? '', pipeline: metadata.name, type, status: isSo, reason };
  }
}
