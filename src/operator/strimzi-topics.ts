import type { Finding } from './condition.ts';
import type { KubeObject } from './kube-object.ts';
import { growthOf, growthRefused, type Growth, type WantedTopic } from './topics.ts';

/** What has to be done about the KafkaTopics of a pipeline, and what there is to say. */
export interface KafkaTopicsDecision {
  readonly apply: readonly KubeObject[];
  readonly finding: Finding;
}

export interface KafkaTopicsView {
  readonly pipeline: string;
  readonly cluster: string;
  readonly wanted: readonly WantedTopic[];
  /** The KafkaTopics that the pipeline would have if it were alone. */
  readonly rendered: readonly KubeObject[];
  /** All KafkaTopics of the namespace. */
  readonly live: readonly KubeObject[];
  readonly growthAllowed: boolean;
  /** The label that says which pipeline a KafkaTopic was made for. */
  readonly pipelineLabel: string;
}

/**
 * Strimzi makes the topics. A KafkaTopic that is another's (a person's, or of the pipeline that writes our input) is
 * waited for and left as it is.
 */
export function decideKafkaTopics(view: KafkaTopicsView): KafkaTopicsDecision {
  const topics = view.wanted.map((wanted) => decideOne(wanted, view));
  const findings = topics.map(({ finding }) => finding);
  return {
    apply: topics.flatMap(({ apply }) => apply),
    finding: findings.find(({ status }) => status !== 'True') ?? {
      status: 'True',
      reason: 'TopicsExist',
      message: findings.map(({ message }) => message).join(', '),
    },
  };
}

export const STRIMZI_MISSING: Finding = {
  status: 'False',
  reason: 'StrimziMissing',
  message:
    'spec.kafka.cluster names a Strimzi cluster, but the API server does not know KafkaTopic of kafka.strimzi.io/v1: ' +
    'install Strimzi 1.0 or newer, or name the brokers in spec.kafka.bootstrapServers instead. It is looked for again.',
};

function decideOne(
  wanted: WantedTopic,
  { pipeline, cluster, rendered, live, growthAllowed, pipelineLabel }: KafkaTopicsView,
): { apply: KubeObject[]; finding: Finding } {
  const ours = rendered.find((object) => topicOf(object) === wanted.name);
  const existing = live.find((object) => topicOf(object) === wanted.name && clusterOf(object) === cluster);
  if (existing === undefined) {
    const taken = live.find(({ metadata }) => metadata.name === ours?.metadata.name);
    return taken === undefined
      ? { apply: ours ? [ours] : [], finding: waiting(wanted.name) }
      : { apply: [], finding: nameTaken(taken) };
  }
  const isOurs =
    existing.metadata.labels?.[pipelineLabel] === pipeline && existing.metadata.name === ours?.metadata.name;
  const partitions = partitionsOf(existing);
  const isNew = (existing.status as TopicStatus | undefined)?.topicId === undefined;
  const seen = partitions === undefined ? undefined : { partitions, isEmpty: isNew };
  const [growth] = growthOf(wanted, seen, growthAllowed) as [Growth?];
  if (!isOurs)
    return {
      apply: [],
      finding: growth === undefined ? readiness(existing) : growthOfOthers(growth, existing),
    };
  if (growth?.isRefused === true)
    return { apply: [withPartitions(ours, growth.from)], finding: growthRefused(growth) };
  // Fewer than there are cannot be had; Strimzi would only refuse.
  const kept =
    partitions !== undefined && partitions > (wanted.partitions ?? 0)
      ? withPartitions(ours, partitions)
      : ours;
  return { apply: [kept], finding: readiness(existing) };
}

interface TopicStatus {
  readonly topicId?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
}

function readiness({ metadata, spec, status }: KubeObject): Finding {
  const { conditions = [], observedGeneration } = (status ?? {}) as TopicStatus;
  const name = topicOf({ metadata, spec });
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (
    ready === undefined ||
    (observedGeneration !== undefined && observedGeneration < (metadata.generation ?? 0))
  ) {
    return waiting(name);
  }
  if (ready.status === 'True') return { status: 'True', reason: 'TopicsExist', message: name };
  return {
    status: 'False',
    reason: 'StrimziRefused',
    message:
      `Strimzi does not make the topic ${name}: ${ready.message ?? ready.reason ?? 'it does not say why'}. ` +
      `See kubectl describe kafkatopic ${metadata.name}.`,
  };
}

function waiting(topic: string): Finding {
  return {
    status: 'False',
    reason: 'WaitingForStrimzi',
    message: `Strimzi is making the topic ${topic}. If that lasts, see whether its cluster and topic operator run.`,
  };
}

function nameTaken({ metadata }: KubeObject): Finding {
  return {
    status: 'False',
    reason: 'NameTaken',
    message: `a KafkaTopic ${metadata.name} exists that is for another topic or cluster: rename it, or the topic of this pipeline`,
  };
}

function growthOfOthers({ name, from, to }: Growth, { metadata }: KubeObject): Finding {
  return {
    status: 'False',
    reason: 'PartitionGrowthMovesKeys',
    message:
      `${name} has ${from} partitions and spec.input.partitions asks for ${to}, but its KafkaTopic ${metadata.name} was not ` +
      `made by this pipeline and is left as it is: set spec.input.partitions to ${from}, or remove it.`,
  };
}

function topicOf({ metadata, spec }: Pick<KubeObject, 'metadata' | 'spec'>): string {
  return (spec as { topicName?: string } | undefined)?.topicName ?? metadata.name;
}

function clusterOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.['strimzi.io/cluster'];
}

function partitionsOf({ spec }: KubeObject): number | undefined {
  return (spec as { partitions?: number } | undefined)?.partitions;
}

function withPartitions(topic: KubeObject, partitions: number): KubeObject {
  return { ...topic, spec: { ...(topic.spec as object), partitions } };
}
