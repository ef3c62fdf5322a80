import type { Logger } from '../pipeline/logger.ts';
import { keyOf, type KubeObject } from './kube-object.ts';
import { isDead } from './members.ts';
import { memberKey, reconcileMembers } from './members-reconciler.ts';
import { PipelineKnowledge } from './pipeline-knowledge.ts';
import { PipelineReconciler } from './pipeline-reconciler.ts';
import type { ClusterEffects, ClusterView, PipelineKafka, Render } from './ports.ts';
import { reconcileProgress } from './progress-reconciler.ts';
import { ScalingReconciler } from './scaling-reconciler.ts';
import { lookOf, reconcileTopics } from './topics-reconciler.ts';
import { retryAfterMs, WorkQueue } from './work-queue.ts';

export interface ControllerOptions {
  readonly view: ClusterView;
  readonly effects: ClusterEffects;
  readonly kafka: PipelineKafka;
  readonly render: Render;
  /** Whether another one changes our registration for external metrics again and again. */
  readonly isRegistrationContested: () => boolean;
  /** The label that names the pipeline of an object. */
  readonly pipelineLabel: string;
  readonly observer: ControllerObserver;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly random: () => number;
}

export type Concern = 'pipeline' | 'topics' | 'members' | 'progress' | 'scaling';

/** Told of the work, for metrics. */
export interface ControllerObserver {
  worked(concern: Concern, tookMs: number, hasFailed: boolean): void;
}

/**
 * One term of leadership: a queue per concern, so that brokers that do not answer hold up nothing that only the cluster
 * is needed for. Told of every change in the cluster, it queues what the change may concern.
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #pipelines: WorkQueue;
  readonly #topics: WorkQueue;
  readonly #members: WorkQueue;
  readonly #progress: WorkQueue;
  readonly #scaling: WorkQueue;
  readonly #reconciler: PipelineReconciler;
  /** What of each resource its topics depended on when they were last looked at. */
  readonly #looks = new Map<string, string>();
  /** Ends of processes that were seen: a dead pod is evicted once. */
  readonly #deaths = new Map<string, string>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { view, effects, kafka, render, pipelineLabel, isRegistrationContested, nowMs } = options;
    const knowledge = new PipelineKnowledge();
    const onFound = (key: string) => {
      this.#pipelines.add(key);
    };
    this.#reconciler = new PipelineReconciler({
      ...{ view, effects, render, knowledge, pipelineLabel },
      ...{ isRegistrationContested, nowMs },
    });
    this.#pipelines = this.#queue('pipeline', 4, (key) => this.#reconciler.reconcile(key));
    this.#topics = this.#queue('topics', 4, (key) =>
      reconcileTopics(key, { view, effects, kafka, knowledge, onFound }),
    );
    this.#members = this.#queue('members', 8, (key) => reconcileMembers(key, { view, effects, kafka }));
    this.#progress = this.#queue('progress', 2, (key) =>
      reconcileProgress(key, { view, kafka, knowledge, nowMs, onFound }),
    );
    const scaling = new ScalingReconciler({ view, effects, kafka, knowledge, onFound, nowMs });
    this.#scaling = this.#queue('scaling', 4, (key) => scaling.reconcile(key), BLIND_AT_MOST_MS);
  }

  /** Until the signal, and until what is under way then has ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.#lookAtAll();
    const resync = setInterval(() => {
      this.#lookAtAll();
    }, RESYNC_MS);
    const queues = [this.#pipelines, this.#topics, this.#members, this.#progress, this.#scaling];
    await Promise.all(queues.map((queue) => queue.run(signal)));
    clearInterval(resync);
  }

  /** An object of the cluster came, changed or went. */
  changed(object: KubeObject, isGone: boolean): void {
    const { namespace = '' } = object.metadata;
    if (object.kind === 'MovingAverage') {
      this.#resourceChanged(object, isGone);
    } else if (object.kind === 'KafkaTopic') {
      if (isGone) this.#reconciler.gone(object);
      for (const resource of this.#options.view.resources()) {
        if (resource.metadata.namespace === namespace) this.#pipelines.add(keyOf(resource));
      }
    } else if (object.kind === 'APIService') {
      this.registrationChanged();
    } else {
      const pipeline = object.metadata.labels?.[this.#options.pipelineLabel];
      if (pipeline === undefined) return;
      if (isGone) this.#reconciler.gone(object);
      if (object.kind === 'Pod' && isGone) this.#deaths.delete(object.metadata.uid ?? '');
      else if (object.kind === 'Pod') this.#podChanged(object, pipeline);
      this.#pipelines.add(`${namespace}/${pipeline}`);
    }
  }

  /** Who serves external metrics, or whether it can be reached. */
  registrationChanged(): void {
    for (const resource of this.#options.view.resources()) this.#pipelines.add(keyOf(resource));
  }

  /** The process of a pod has ended. The cluster may not know it yet, or may have forgotten the pod already. */
  died({ metadata }: KubeObject): void {
    const pipeline = metadata.labels?.[this.#options.pipelineLabel];
    if (pipeline !== undefined)
      this.#members.add(memberKey(metadata.namespace ?? '', pipeline, metadata.name));
  }

  #resourceChanged(resource: KubeObject, isGone: boolean): void {
    const key = keyOf(resource);
    this.#pipelines.add(key);
    for (const other of this.#options.view.resources()) {
      if (other.metadata.name === resource.metadata.name) this.#pipelines.add(keyOf(other)); // may have waited for it
    }
    const { deletionTimestamp = '', finalizers = [] } = resource.metadata;
    const look = `${lookOf(resource)} ${deletionTimestamp} ${finalizers.join()}`;
    if (isGone) {
      this.#looks.delete(key);
    } else if (this.#looks.get(key) !== look) {
      this.#looks.set(key, look);
      this.#topics.add(key);
      this.#progress.add(key);
      this.#scaling.add(key);
    }
  }

  #podChanged(pod: KubeObject, pipeline: string): void {
    const { namespace = '', name, uid = '' } = pod.metadata;
    if (!isDead(pod)) return;
    const { containerStatuses = [] } = (pod.status ?? {}) as {
      containerStatuses?: { restartCount?: number }[];
    };
    const death = containerStatuses.map(({ restartCount = 0 }) => restartCount).join();
    if (this.#deaths.get(uid) === death) return;
    this.#deaths.set(uid, death);
    this.#members.add(memberKey(namespace, pipeline, name));
  }

  #lookAtAll(): void {
    for (const resource of this.#options.view.resources()) {
      const key = keyOf(resource);
      this.#pipelines.add(key);
      this.#topics.add(key);
      this.#progress.add(key);
      this.#scaling.add(key);
    }
  }

  #queue(
    concern: Concern,
    workers: number,
    reconcile: (key: string) => Promise<number | undefined>,
    againWithinMs = 60_000,
  ): WorkQueue {
    const { observer, logger, random } = this.#options;
    return new WorkQueue({
      workers,
      handle: async (key) => {
        const startMs = performance.now();
        let hasFailed = true;
        try {
          const againMs = await reconcile(key);
          hasFailed = false;
          return againMs;
        } finally {
          observer.worked(concern, performance.now() - startMs, hasFailed);
        }
      },
      onFailure: (key, error, failures) => {
        const { code, message, retryAfterMs: atLeastMs, cause } = failureOf(error);
        const againMs = Math.min(retryAfterMs(failures, random()), againWithinMs) + (atLeastMs ?? 0);
        if (code !== 'LEASE_LOST') {
          const fields = {
            concern,
            key,
            code,
            error: message,
            cause,
            failures,
            againMs: Math.round(againMs),
          };
          logger[failures === 2 || failures % 10 === 0 ? 'warn' : 'debug'](
            fields,
            'failed, and is tried again',
          );
        }
        return againMs;
      },
    });
  }
}

function failureOf(error: unknown): {
  code?: string;
  message: string;
  retryAfterMs?: number;
  cause?: string;
} {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, retryAfterMs } = error as { code?: string; retryAfterMs?: number };
  const { cause } = error;
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(cause instanceof Error ? { cause: cause.message } : {}),
  };
}

/** Nothing should be missed; this bounds how long something could be. */
const RESYNC_MS = 600_000;
/** A backlog grows while brokers are away: the load has to be known soon after they are back. */
const BLIND_AT_MOST_MS = 10_000;
