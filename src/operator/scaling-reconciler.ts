import { TidemarkError } from '../pipeline/error.ts';
import type { Scaling } from '../resource/pipeline.ts';
import { LoadFollower, type Demand, type ReplicaBounds } from '../scaling/load-follower.ts';
import { ReplicaRate } from '../scaling/replica-rate.ts';
import { assumedRate } from './assumed-rate.ts';
import type { Finding } from './condition.ts';
import { desiredPipeline, type ClusterPipeline } from './desired-pipeline.ts';
import { isKafkaRefusal } from './kafka-refusal.ts';
import type { KubeObject } from './kube-object.ts';
import type { PipelineKnowledge } from './pipeline-knowledge.ts';
import type { ClusterEffects, ClusterView, PipelineKafka } from './ports.ts';
import { blindStatus, isWorthTelling, scalingStatus, type ScalingStatus } from './scaling-status.ts';

export interface ScalingContext {
  readonly view: ClusterView;
  readonly effects: ClusterEffects;
  readonly kafka: PipelineKafka;
  readonly knowledge: PipelineKnowledge;
  /** The status has to be written. */
  readonly onFound: (key: string) => void;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** One that is followed, as long as what decides about it stays the same. */
interface Followed {
  readonly look: string;
  readonly follower: LoadFollower;
  /** When others were last told of it. */
  toldAtMs: number;
}

/**
 * Measures the load of every pipeline with `spec.scaling`, and says how many aggregators it asks for. What it finds is
 * kept for the status, where the autoscaler's metric is taken from.
 */
export class ScalingReconciler {
  readonly #context: ScalingContext;
  readonly #followed = new Map<string, Followed>();

  constructor(context: ScalingContext) {
    this.#context = context;
  }

  async reconcile(key: string): Promise<number | undefined> {
    const { view, kafka, knowledge } = this.#context;
    const resource = view.resource(key);
    const { pipeline } = resource === undefined ? {} : desiredPipeline(resource);
    const isGoing = resource?.metadata.deletionTimestamp !== undefined;
    if (resource === undefined || pipeline?.scaling === undefined || isGoing) {
      this.#followed.delete(key);
      if (resource !== undefined) knowledge.of(key).scaling = undefined;
      return undefined;
    }
    const { namespace = '', name } = resource.metadata;
    const deployment = view.objects(namespace, name).find(({ kind }) => kind === 'Deployment');
    if (deployment === undefined) return BUSY_EVERY_MS;
    const bounds = boundsOf(pipeline.scaling);
    const { replicas = 0 } = (deployment.status ?? {}) as { replicas?: number };
    try {
      const reading = await kafka.load({ namespace, pipeline });
      const look = lookOf(resource, pipeline);
      const demand = this.#follow(key, resource, look, bounds, deployment).follower.observe(reading);
      await this.#found(key, resource, scalingStatus(demand, bounds, replicas, this.#context.nowMs()));
      return isIdle(demand) ? IDLE_EVERY_MS : BUSY_EVERY_MS;
    } catch (error) {
      const finding = blindness(error);
      const before = this.#told(key, resource);
      const status = blindStatus(finding.message, before, replicas, this.#context.nowMs());
      await this.#found(key, resource, status, finding);
      throw error;
    }
  }

  /** Its follower; another one where the look of what decides about it has changed. */
  #follow(
    key: string,
    resource: KubeObject,
    look: string,
    bounds: ReplicaBounds,
    deployment: KubeObject,
  ): Followed {
    const followed = this.#followed.get(key);
    if (followed?.look === look) return followed;
    const told = this.#told(key, resource);
    const rate = new ReplicaRate(assumedRate(deployment), told?.ratePerPod);
    const follower = new LoadFollower(bounds, rate, told?.desiredReplicas);
    const anew = { look, follower, toldAtMs: Number.NEGATIVE_INFINITY };
    this.#followed.set(key, anew);
    return anew;
  }

  async #found(key: string, resource: KubeObject, status: ScalingStatus, blind?: Finding): Promise<void> {
    const { effects, knowledge, nowMs, onFound } = this.#context;
    const known = knowledge.of(key);
    const told = this.#told(key, resource);
    const followed = this.#followed.get(key);
    const sinceMs = nowMs() - (followed?.toldAtMs ?? Number.NEGATIVE_INFINITY);
    const isNews = known.scaling === undefined || known.scaling.blind?.reason !== blind?.reason;
    if (!isNews && !isWorthTelling(status, told, sinceMs)) return;
    known.scaling = { status, blind };
    if (followed !== undefined) followed.toldAtMs = nowMs();
    onFound(key);
    if (status.desiredReplicas === undefined || status.desiredReplicas === told?.desiredReplicas) return;
    await effects.record(resource, {
      type: 'Normal',
      reason: 'ReplicasDesired',
      action: 'Scale',
      text: status.message,
    });
  }

  /** What was last told of it, by this process or the one before. */
  #told(key: string, resource: KubeObject): ScalingStatus | undefined {
    const { scaling } = (resource.status ?? {}) as { scaling?: ScalingStatus };
    return this.#context.knowledge.of(key).scaling?.status ?? scaling;
  }
}

/** What decides about its load and what it asks for: another topic has another rate, other bounds another number. */
function lookOf({ metadata }: KubeObject, { scaling, input, kafka }: ClusterPipeline): string {
  return JSON.stringify([metadata.uid, scaling, input.source.topic, kafka.brokers]);
}

function boundsOf({ minReplicas, maxReplicas, catchUpWithinMs }: Scaling): ReplicaBounds {
  return { minReplicas, maxReplicas, catchUpMs: catchUpWithinMs };
}

function isIdle({ arrivalPerSecond, lagRecords }: Demand): boolean {
  return arrivalPerSecond === 0 && lagRecords === 0;
}

/** Why nothing can be said. Aggregators that run go on, as many as there are. */
function blindness(error: unknown): Finding {
  const said = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof TidemarkError ? ` ${error.remedy}` : '';
  const reason = error instanceof TidemarkError ? reasonOf(error) : 'LoadUnknown';
  return {
    status: 'False',
    reason,
    message: `the load cannot be read, and as many aggregators as there are go on: ${said}${remedy}`,
  };
}

function reasonOf(error: TidemarkError): string {
  if (isKafkaRefusal(error)) return 'KafkaRefused';
  return error.code === 'KAFKA_UNREACHABLE' ? 'KafkaUnreachable' : 'LoadUnknown';
}

const BUSY_EVERY_MS = 5_000;
/** Nothing arrives and nothing waits: what begins is noticed this much later at most. */
const IDLE_EVERY_MS = 30_000;
