import type { KubeObject } from './kube-object.ts';

/** A pod whose process has ended: its member of the consumer group does no more work. */
export function isDead(pod: KubeObject): boolean {
  const { phase, containerStatuses = [] } = (pod.status ?? {}) as PodStatus;
  if (phase === 'Failed' || phase === 'Succeeded') return true;
  // A crash, until the kubelet starts the container again. One that starts for the first time has not ended yet.
  return containerStatuses.some(({ state, lastState }) => {
    const hasEnded = state?.terminated !== undefined || lastState?.terminated !== undefined;
    return hasEnded && state?.running === undefined;
  });
}

interface PodStatus {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly state?: { readonly running?: object; readonly terminated?: object };
    readonly lastState?: { readonly terminated?: object };
  }[];
}
