import type { KubeObject } from './kube-object.ts';

/**
 * The Deployment with the strategy that its next rollout needs. Pods of the same pipeline replace each other one by
 * one. Pods of a changed pipeline must not run beside those of the former: a partition that went from a new pod back
 * to an old one would miss the windows that only the new one knows. So all old ones end before the first new one starts.
 */
export function withRolloutStrategy(
  desired: KubeObject,
  live: KubeObject | undefined,
  pods: readonly KubeObject[],
): KubeObject {
  const file = pipelineFileOf(templateOf(desired));
  const running = [...(live === undefined ? [] : [templateOf(live)]), ...pods];
  const isChange = running.some((pod) => pipelineFileOf(pod) !== file);
  return isChange
    ? { ...desired, spec: { ...(desired.spec as object), strategy: { type: 'Recreate' } } }
    : desired;
}

interface PodLike {
  readonly spec?: unknown;
}

function templateOf({ spec }: KubeObject): PodLike {
  return (spec as { template: PodLike }).template;
}

/** The ConfigMaps that the pod mounts; their names change with their content. */
function pipelineFileOf({ spec }: PodLike): string {
  return configMapsOf({ spec }).join();
}

/** By name, in whichever way they are mounted. */
export function configMapsOf({ spec }: PodLike): string[] {
  const { volumes = [] } = (spec ?? {}) as { volumes?: readonly Volume[] };
  return volumes.flatMap(({ configMap, projected }) =>
    [{ configMap }, ...(projected?.sources ?? [])].flatMap((source) => source.configMap?.name ?? []),
  );
}

interface Volume {
  readonly configMap?: { readonly name: string };
  readonly projected?: { readonly sources?: readonly { readonly configMap?: { readonly name: string } }[] };
}
