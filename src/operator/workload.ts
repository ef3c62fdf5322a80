import type { Finding } from './condition.ts';
import { titleOf, type KubeObject } from './kube-object.ts';
import { configMapsOf } from './rollout.ts';

/** The parts of a Deployment's status that say how far it is. */
interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
}

export interface WorkloadState {
  readonly progressing: Finding;
  /** Whether enough pods run for the pipeline to do its work. */
  readonly ready: Finding;
  readonly replicas: number;
  readonly readyReplicas: number;
  /** As text, for the scale subresource. */
  readonly selector: string;
}

/** How far the Deployment is; `trouble` is what keeps its pods from running, in words. */
export function workloadState(
  deployment: KubeObject | undefined,
  trouble: string | undefined,
): WorkloadState {
  if (deployment === undefined) return NOT_THERE;
  const status = (deployment.status ?? {}) as DeploymentStatus;
  const { replicas: wanted = 1, selector } = deployment.spec as DeploymentSpec;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const isSeen = (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
  const isRolledOut =
    isSeen &&
    updatedReplicas === wanted &&
    replicas === updatedReplicas &&
    availableReplicas === updatedReplicas;
  const because = trouble === undefined ? '' : `; ${trouble}`;
  return {
    progressing: isRolledOut ? rolledOut(wanted) : rollout(status, wanted, updatedReplicas, because),
    ready: readiness(wanted, readyReplicas, because),
    replicas,
    readyReplicas,
    selector: Object.entries(selector?.matchLabels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  };
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

const NOT_THERE: WorkloadState = {
  progressing: {
    status: 'True',
    reason: 'Creating',
    message: 'the aggregators are created once the topics exist',
  },
  ready: { status: 'False', reason: 'Creating', message: 'there are no aggregators yet' },
  replicas: 0,
  readyReplicas: 0,
  selector: '',
};

function rolledOut(wanted: number): Finding {
  return {
    status: 'False',
    reason: 'RolledOut',
    message: `all ${wanted} aggregators run what the spec says`,
  };
}

function rollout(status: DeploymentStatus, wanted: number, updated: number, because: string): Finding {
  const stuck =
    status.conditions?.find(({ type }) => type === 'Progressing')?.reason === 'ProgressDeadlineExceeded';
  const far = `${updated} of ${wanted} aggregators run what the spec says`;
  return stuck
    ? { status: 'False', reason: 'RolloutStuck', message: `${far}, and it goes no further${because}` }
    : { status: 'True', reason: 'RollingOut', message: `${far}${because}` };
}

function readiness(wanted: number, ready: number, because: string): Finding {
  if (wanted === 0) {
    return {
      status: 'False',
      reason: 'ScaledToZero',
      message: 'no aggregator is to run; raise spec.replicas or scaling.minReplicas to go on',
    };
  }
  if (ready >= wanted)
    return { status: 'True', reason: 'Running', message: `${ready} of ${wanted} aggregators are ready` };
  return ready > 0
    ? {
        status: 'True',
        reason: 'FewerAggregators',
        message: `${ready} of ${wanted} aggregators are ready and do all the work${because}`,
      }
    : {
        status: 'False',
        reason: 'NoAggregatorReady',
        message: `none of ${wanted} aggregators is ready${because}`,
      };
}

/** Why pods do not run, of the first that says so: what `kubectl describe pod` would be asked for. */
export function podTrouble(pods: readonly KubeObject[]): string | undefined {
  for (const pod of pods) {
    const { conditions = [], containerStatuses = [] } = (pod.status ?? {}) as PodStatus;
    for (const { state, lastState, restartCount = 0 } of containerStatuses) {
      const { reason, message } = state?.waiting ?? {};
      if (reason === undefined || USUAL_WAITS.has(reason)) continue;
      const ended = lastState?.terminated;
      const last =
        ended === undefined ? '' : `, ended ${restartCount} times, last with code ${ended.exitCode}`;
      const words = message === undefined ? '' : `: ${message}`;
      return `pod ${pod.metadata.name}: ${reason}${last}${words} (kubectl logs ${pod.metadata.name} says more)`;
    }
    const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    if (unscheduled?.message !== undefined) return `pod ${pod.metadata.name}: ${unscheduled.message}`;
  }
  return undefined;
}

interface PodStatus {
  readonly conditions?: readonly { type: string; status: string; message?: string }[];
  readonly containerStatuses?: readonly {
    readonly restartCount?: number;
    readonly state?: { readonly waiting?: { reason?: string; message?: string } };
    readonly lastState?: { readonly terminated?: { exitCode: number } };
  }[];
}

const USUAL_WAITS = new Set(['ContainerCreating', 'PodInitializing']);

/**
 * The objects that were made for the pipeline and are in what it wants no more, such as the autoscaler when
 * `spec.scaling` goes. A ConfigMap goes when no pod mounts it and none is being replaced.
 */
export function obsoleteObjects(
  live: readonly KubeObject[],
  desired: readonly KubeObject[],
  pods: readonly KubeObject[],
  isRollingOut: boolean,
): KubeObject[] {
  const wanted = new Set(desired.map(titleOf));
  const mounted = new Set(pods.flatMap(configMapsOf));
  return live.filter((object) => {
    if (wanted.has(titleOf(object)) || object.metadata.deletionTimestamp !== undefined) return false;
    return object.kind !== 'ConfigMap' || (!isRollingOut && !mounted.has(object.metadata.name));
  });
}

/** The object that decides how many replicas there are, if one does. */
export function autoscalerIn(objects: readonly KubeObject[]): KubeObject | undefined {
  return objects.find(({ kind }) => AUTOSCALERS.has(kind));
}

const AUTOSCALERS = new Set(['HorizontalPodAutoscaler', 'ScaledObject']);

/**
 * How many replicas a Deployment is to keep when its number becomes an autoscaler's: a field that its only owner lets
 * go of falls back to 1. Undefined while the number is ours, or already the autoscaler's.
 */
export function replicasToKeep(
  desired: KubeObject,
  live: KubeObject | undefined,
  autoscaler: { readonly wanted: KubeObject | undefined; readonly live: KubeObject | undefined },
): number | undefined {
  if ((desired.spec as DeploymentSpec).replicas !== undefined || autoscaler.live !== undefined)
    return undefined;
  const { minReplicas, minReplicaCount } = (autoscaler.wanted?.spec ?? {}) as {
    minReplicas?: number;
    minReplicaCount?: number;
  };
  return Math.max(
    minReplicas ?? minReplicaCount ?? 1,
    (live?.spec as DeploymentSpec | undefined)?.replicas ?? 0,
  );
}
