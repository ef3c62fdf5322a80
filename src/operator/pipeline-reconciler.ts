import { TidemarkError } from '../pipeline/error.ts';
import { AppliedObjects } from './applied.ts';
import type { Finding } from './condition.ts';
import { desiredPipeline, type ClusterPipeline } from './desired-pipeline.ts';
import { titleOf, type KubeObject } from './kube-object.ts';
import { nameTaken } from './name-taken.ts';
import type { PipelineKnowledge } from './pipeline-knowledge.ts';
import type { ClusterEffects, ClusterView, Render } from './ports.ts';
import { withRolloutStrategy } from './rollout.ts';
import { scalingState } from './scaling.ts';
import { isSameStatus, statusOf, statusOfInvalid, type PipelineStatus } from './status.ts';
import { decideKafkaTopics, STRIMZI_MISSING } from './strimzi-topics.ts';
import { GROWTH_ANNOTATION, wantedTopics } from './topics.ts';
import { lookOf } from './topics-reconciler.ts';
import { autoscalerIn, obsoleteObjects, podTrouble, replicasToKeep, workloadState } from './workload.ts';

export interface PipelineContext {
  readonly view: ClusterView;
  readonly effects: ClusterEffects;
  readonly render: Render;
  readonly knowledge: PipelineKnowledge;
  readonly pipelineLabel: string;
  readonly isRegistrationContested: () => boolean;
  readonly nowMs: () => number;
}

/**
 * Brings a pipeline's objects in the cluster to what its resource says, and says in its status how far they are. It
 * looks at copies of the cluster only, so it waits for nothing but its own writes; what those change brings it back.
 */
export class PipelineReconciler {
  readonly #context: PipelineContext;
  readonly #applied = new AppliedObjects();

  constructor(context: PipelineContext) {
    this.#context = context;
  }

  /** An object is gone from the cluster, whoever has deleted it. */
  gone(object: KubeObject): void {
    this.#applied.forget(object);
  }

  async reconcile(key: string): Promise<undefined> {
    const { view, knowledge } = this.#context;
    const resource = view.resource(key);
    if (resource === undefined) {
      knowledge.forget(key);
      return;
    }
    if (resource.metadata.deletionTimestamp !== undefined) return; // its objects go with it; topics have a finalizer
    const { pipeline, mistakes } = desiredPipeline(resource);
    const taken = pipeline && nameTaken(resource, pipeline, view.resources());
    if (pipeline === undefined) await this.#refuse(resource, mistakes);
    else if (taken !== undefined) await this.#refuse(resource, [taken]);
    else await this.#realize(key, resource, pipeline);
  }

  async #realize(key: string, resource: KubeObject, pipeline: ClusterPipeline): Promise<void> {
    const { view, render, knowledge, isRegistrationContested, nowMs } = this.#context;
    const { namespace = '', name } = resource.metadata;
    const rendered = render(resource, view);
    const topics = await this.#topics(resource, pipeline, rendered);
    const objects = rendered.filter(({ kind }) => kind !== 'KafkaTopic');
    const live = await this.#withoutFormerAutoscaler(resource, liveObjects(view, resource), objects);
    const topicsExist = topics.status === 'True' || topics.reason === 'PartitionGrowthMovesKeys';
    const isDue = topicsExist || live.some(({ kind }) => kind === 'Deployment');
    const refusal = isDue ? await refusalOf(() => this.#apply(resource, objects, live)) : undefined;

    const pods = view.pods(namespace, name);
    const workload = workloadState(deploymentOf(liveObjects(view, resource)), podTrouble(pods));
    const isRollingOut = workload.progressing.reason !== 'RolledOut';
    for (const object of obsoleteObjects(live, objects, pods, isRollingOut))
      await this.#remove(resource, object);
    const { progress, scaling: measured } = knowledge.of(key);
    const told = pipeline.scaling && (resource.status as Partial<PipelineStatus> | undefined)?.scaling;
    // KEDA's own autoscaler has the labels of its ScaledObject, and is that one's.
    const around = view.objects(namespace, name);
    const scaling = scalingState({
      scaling: pipeline.scaling,
      autoscaler: around.find(({ kind }) => kind === 'HorizontalPodAutoscaler'),
      scaledObject: around.find(({ kind }) => kind === 'ScaledObject'),
      hasKeda: view.hasKeda,
      metricsProvider: view.metricsProvider,
      isRegistrationContested: isRegistrationContested(),
      measured,
      told,
    });
    const load = measured?.status ?? told;
    const refused = refusal && refusedByServer(refusal);
    const observed = { topics, workload, scaling, load, progress, refused };
    await this.#say(resource, statusOf(resource, observed, nowMs()));
    if (refusal !== undefined) throw refusal; // the queue tries again: a quota may be raised, a webhook mended
  }

  async #topics(
    resource: KubeObject,
    pipeline: ClusterPipeline,
    rendered: readonly KubeObject[],
  ): Promise<Finding> {
    const { view, knowledge, pipelineLabel } = this.#context;
    const { namespace = '', name } = resource.metadata;
    if (pipeline.kafka.brokers.kind === 'servers') {
      const { topics, topicsOf } = knowledge.of(`${namespace}/${name}`);
      return topics !== undefined && topicsOf === lookOf(resource) ? topics : LOOKING;
    }
    if (!view.hasStrimzi) return STRIMZI_MISSING;
    const live = view.kafkaTopics(namespace);
    const { apply, finding } = decideKafkaTopics({
      pipeline: name,
      cluster: pipeline.kafka.brokers.name,
      wanted: wantedTopics(pipeline),
      rendered: rendered.filter(({ kind }) => kind === 'KafkaTopic'),
      live,
      growthAllowed: resource.metadata.annotations?.[GROWTH_ANNOTATION] === 'allow',
      pipelineLabel,
    });
    await this.#apply(resource, apply, live);
    return finding;
  }

  async #apply(
    resource: KubeObject,
    objects: readonly KubeObject[],
    live: readonly KubeObject[],
  ): Promise<void> {
    const { namespace = '', name } = resource.metadata;
    const pods = this.#context.view.pods(namespace, name);
    for (const object of objects) {
      const before = live.find((each) => titleOf(each) === titleOf(object));
      if (object.kind !== 'Deployment') {
        await this.#applyOne(resource, object, before);
        continue;
      }
      const keep = replicasToKeep(object, before, {
        wanted: autoscalerIn(objects),
        live: autoscalerIn(live),
      });
      if (keep !== undefined && before !== undefined) await this.#keepReplicas(object, keep);
      await this.#applyOne(resource, withRolloutStrategy(object, before, pods), before);
      if (keep !== undefined && before === undefined) await this.#keepReplicas(object, keep);
    }
  }

  async #applyOne(resource: KubeObject, object: KubeObject, before: KubeObject | undefined): Promise<void> {
    if (!this.#applied.isDue(object, before)) return;
    const after = await this.#context.effects.apply(object);
    this.#applied.note(object, after);
    const verb = before === undefined ? 'Created' : 'Updated';
    if (before !== undefined && before.metadata.resourceVersion === after.metadata.resourceVersion) return;
    await this.#tell(resource, verb, 'Apply', `${verb.toLowerCase()} ${titleOf(object)}`);
  }

  /** It goes before another kind of one comes: KEDA refuses a Deployment that has an autoscaler. */
  async #withoutFormerAutoscaler(
    resource: KubeObject,
    live: readonly KubeObject[],
    desired: readonly KubeObject[],
  ): Promise<readonly KubeObject[]> {
    const former = autoscalerIn(live);
    const next = autoscalerIn(desired);
    if (former === undefined || next === undefined || former.kind === next.kind) return live;
    await this.#remove(resource, former);
    return live.filter((object) => object !== former);
  }

  async #remove(resource: KubeObject, object: KubeObject): Promise<void> {
    if (object.metadata.deletionTimestamp !== undefined) return;
    await this.#context.effects.remove(object);
    this.#applied.forget(object);
    const text = `removed ${titleOf(object)}, which the spec asks for no more`;
    await this.#tell(resource, 'Removed', 'Delete', text);
  }

  async #keepReplicas({ apiVersion, kind, metadata }: KubeObject, replicas: number): Promise<void> {
    const { name, namespace } = metadata;
    const named = { name, ...(namespace === undefined ? {} : { namespace }) };
    await this.#context.effects.apply(
      { apiVersion, kind, metadata: named, spec: { replicas } },
      REPLICAS_MANAGER,
    );
  }

  async #refuse(resource: KubeObject, mistakes: readonly string[]): Promise<void> {
    const { view, nowMs } = this.#context;
    const { namespace = '', name } = resource.metadata;
    const workload = workloadState(
      deploymentOf(liveObjects(view, resource)),
      podTrouble(view.pods(namespace, name)),
    );
    await this.#say(resource, statusOfInvalid(resource, mistakes, workload, nowMs()));
  }

  /** Writes the status if it is another, and tells what went wrong as an event. */
  async #say(resource: KubeObject, status: PipelineStatus): Promise<void> {
    const { effects } = this.#context;
    if (isSameStatus(status, resource.status)) return;
    await effects.applyStatus(resource, status);
    const degraded = status.conditions.find(({ type }) => type === 'Degraded');
    if (degraded?.status !== 'True' || wasDegraded(resource, degraded.reason)) return;
    const { reason, message } = degraded;
    await effects.record(resource, { type: 'Warning', reason, action: 'Reconcile', text: message });
  }

  #tell(resource: KubeObject, reason: string, action: string, text: string): Promise<void> {
    return this.#context.effects.record(resource, { type: 'Normal', reason, action, text });
  }
}

/** What the API server will not have, however often it is asked; all other errors pass. */
async function refusalOf(work: () => Promise<void>): Promise<TidemarkError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'KUBE_REFUSED') return error;
    throw error;
  }
}

function refusedByServer({ message }: TidemarkError): Finding {
  return {
    status: 'True',
    reason: 'RefusedByServer',
    message: `the API server refuses a change: ${message}. What ran before goes on as it was.`,
  };
}

const LOOKING: Finding = {
  status: 'Unknown',
  reason: 'LookingForTopics',
  message: 'Kafka is being asked for the topics',
};

/** The name under which the number of replicas is held until the autoscaler takes it over. */
const REPLICAS_MANAGER = 'tidemark-replicas';

function wasDegraded({ status }: KubeObject, reason: string): boolean {
  const { conditions = [] } = (status ?? {}) as Partial<PipelineStatus>;
  return conditions.some(
    (condition) =>
      condition.type === 'Degraded' && condition.reason === reason && condition.status === 'True',
  );
}

/** Those that the resource owns; of one that was deleted and made again the former's are being collected. */
function liveObjects(view: ClusterView, { metadata }: KubeObject): readonly KubeObject[] {
  return view
    .objects(metadata.namespace ?? '', metadata.name)
    .filter((object) => object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true);
}

function deploymentOf(objects: readonly KubeObject[]): KubeObject | undefined {
  return objects.find(({ kind }) => kind === 'Deployment');
}
