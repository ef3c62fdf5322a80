import { TidemarkError } from '../pipeline/error.ts';
import type { Finding } from './condition.ts';
import { desiredPipeline } from './desired-pipeline.ts';
import { isKafkaRefusal } from './kafka-refusal.ts';
import type { KubeObject } from './kube-object.ts';
import type { PipelineKnowledge } from './pipeline-knowledge.ts';
import type { ClusterEffects, ClusterView, PipelineAt, PipelineKafka } from './ports.ts';
import { decideTopics, GROWTH_ANNOTATION, wantedTopics } from './topics.ts';

export interface TopicsContext {
  readonly view: ClusterView;
  readonly effects: ClusterEffects;
  readonly kafka: PipelineKafka;
  readonly knowledge: PipelineKnowledge;
  /** The finding has changed: the status has to be written. */
  readonly onFound: (key: string) => void;
}

/**
 * Topics in a Kafka without Strimzi, through its admin API. What it finds is kept for the status; apart from the
 * workload, because brokers that do not answer must hold up nothing else.
 *
 * A topic that was made here is noted on the resource before it is made. With `deletionPolicy: Delete` those topics go
 * when the resource goes, by a finalizer; topics that others made stay.
 */
export async function reconcileTopics(key: string, context: TopicsContext): Promise<number | undefined> {
  const { view, effects, kafka, knowledge, onFound } = context;
  const resource = view.resource(key);
  if (resource === undefined) return undefined;
  const { pipeline } = desiredPipeline(resource);
  if (resource.metadata.deletionTimestamp !== undefined) return removeWithResource(resource, context);
  if (pipeline?.kafka.brokers.kind !== 'servers') {
    if (finalizersOf(resource)) await effects.apply(marked(resource, [], false), TOPICS_MANAGER);
    return undefined;
  }
  const at = { namespace: resource.metadata.namespace ?? '', pipeline };
  const known = knowledge.of(key);
  const found = (finding: Finding): void => {
    const isNew =
      JSON.stringify(known.topics) !== JSON.stringify(finding) || known.topicsOf !== lookOf(resource);
    known.topics = finding;
    known.topicsOf = lookOf(resource);
    if (isNew) onFound(key);
  };
  try {
    const wanted = wantedTopics(pipeline);
    const growthAllowed = resource.metadata.annotations?.[GROWTH_ANNOTATION] === 'allow';
    const look = () =>
      kafka.seenTopics(
        at,
        wanted.map(({ name }) => name),
      );
    const { create, grow, finding } = decideTopics(wanted, await look(), growthAllowed);
    await mark(
      resource,
      create.map(({ name }) => name),
      pipeline.deletionPolicy === 'Delete',
      effects,
    );
    if (create.length > 0) found(finding);
    if (create.length > 0) await createNoted(resource, at, create, context);
    for (const { name, partitions } of grow) {
      await kafka.growTopic(at, name, partitions);
      const text = `${name} has ${partitions} partitions now`;
      await effects.record(resource, { type: 'Normal', reason: 'TopicGrown', action: 'Grow', text });
    }
    if (create.length + grow.length === 0) {
      found(finding);
      return LOOK_AGAIN_MS;
    }
    found(decideTopics(wanted, await look(), growthAllowed).finding);
    return SOON_MS;
  } catch (error) {
    found(troubleOf(error));
    throw error;
  }
}

async function createNoted(
  resource: KubeObject,
  at: PipelineAt,
  create: Parameters<PipelineKafka['createTopics']>[1],
  { effects, kafka }: TopicsContext,
): Promise<void> {
  const created = await kafka.createTopics(at, create);
  for (const name of created) {
    await effects.record(resource, {
      type: 'Normal',
      reason: 'TopicCreated',
      action: 'Create',
      text: `created the topic ${name}`,
    });
  }
}

/** Pods first, so that none fails for want of its topics; then the topics, then the resource itself may go. */
async function removeWithResource(
  resource: KubeObject,
  { view, effects, kafka }: TopicsContext,
): Promise<number | undefined> {
  if (!finalizersOf(resource)) return undefined;
  const { pipeline } = desiredPipeline(resource);
  const { namespace = '', name } = resource.metadata;
  const topics = createdTopics(resource);
  if (pipeline?.deletionPolicy === 'Delete' && topics.length > 0) {
    for (const object of view.objects(namespace, name)) {
      if (WORKERS.has(object.kind) && object.metadata.deletionTimestamp === undefined)
        await effects.remove(object);
    }
    if (view.pods(namespace, name).length > 0) return SOON_MS;
    await kafka.removeTopics({ namespace, pipeline }, topics);
    await effects.record(resource, {
      type: 'Normal',
      reason: 'TopicsRemoved',
      action: 'Delete',
      text: `removed the topics ${topics.join(', ')}`,
    });
  }
  await effects.apply(marked(resource, [], false), TOPICS_MANAGER);
  return undefined;
}

/** What would make pods again. */
const WORKERS = new Set(['Deployment', 'HorizontalPodAutoscaler']);

/** Notes which topics are ours, and that we want to be asked before the resource goes. */
async function mark(
  resource: KubeObject,
  create: readonly string[],
  isDeleted: boolean,
  effects: ClusterEffects,
) {
  const before = createdTopics(resource);
  const topics = [...new Set([...before, ...create])];
  const needsFinalizer = isDeleted && topics.length > 0;
  if (topics.length === before.length && needsFinalizer === finalizersOf(resource)) return;
  await effects.apply(marked(resource, topics, needsFinalizer), TOPICS_MANAGER);
}

function marked(
  { apiVersion, kind, metadata }: KubeObject,
  topics: readonly string[],
  needsFinalizer: boolean,
): KubeObject {
  const { name, namespace, uid } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }), // or a resource that has just gone would be made again
      ...(topics.length === 0 ? {} : { annotations: { [CREATED_ANNOTATION]: topics.join(',') } }),
      ...(needsFinalizer ? { finalizers: [FINALIZER] } : {}),
    },
  };
}

function createdTopics({ metadata }: KubeObject): string[] {
  return (metadata.annotations?.[CREATED_ANNOTATION] ?? '').split(',').filter((name) => name !== '');
}

function finalizersOf({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

/** What of a resource the topics depend on. */
export function lookOf({ metadata }: KubeObject): string {
  return `${metadata.generation ?? 0} ${metadata.annotations?.[GROWTH_ANNOTATION] ?? ''}`;
}

function troubleOf(error: unknown): Finding {
  const isKnown = error instanceof TidemarkError;
  return {
    status: 'Unknown',
    reason: isKnown && isKafkaRefusal(error) ? 'KafkaRefused' : 'KafkaUnreachable',
    message: isKnown
      ? `${error.message.replace(/\.$/, '')}. ${error.remedy}`
      : `Kafka cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
  };
}

/** Which topics the operator has made: they go with the resource where its deletionPolicy is Delete. */
const CREATED_ANNOTATION = 'tidemark.dev/created-topics';
const FINALIZER = 'tidemark.dev/topics';
const TOPICS_MANAGER = 'tidemark-topics';
const SOON_MS = 500;
/** Somebody may delete or grow a topic. */
const LOOK_AGAIN_MS = 300_000;
