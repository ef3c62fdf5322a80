import { desiredPipeline } from './desired-pipeline.ts';
import type { ClusterEffects, ClusterView, PipelineKafka } from './ports.ts';

export interface MembersContext {
  readonly view: ClusterView;
  readonly effects: ClusterEffects;
  readonly kafka: PipelineKafka;
}

/**
 * Takes a dead pod's partitions away at once, instead of after the session time-out of 6 s. A pod that ended in order
 * has left the group already; then there is nothing to remove. `key` is `namespace/pipeline/pod`.
 */
export async function reconcileMembers(
  key: string,
  { view, effects, kafka }: MembersContext,
): Promise<undefined> {
  const [namespace = '', name = '', pod = ''] = key.split('/');
  const resource = view.resource(`${namespace}/${name}`);
  if (resource === undefined) return;
  const { pipeline } = desiredPipeline(resource);
  if (pipeline === undefined) return;
  const removed = await kafka.evict({ namespace, pipeline }, pod);
  if (removed === 0) return;
  const text = `removed the dead pod ${pod} from the consumer group: its partitions move to the others`;
  await effects.record(resource, { type: 'Normal', reason: 'MemberEvicted', action: 'Evict', text });
}

export function memberKey(namespace: string, pipeline: string, pod: string): string {
  return `${namespace}/${pipeline}/${pod}`;
}
