import type { KubeObject } from '../operator/kube-object.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { ApiClient } from './api-client.ts';
import { KINDS } from './kinds.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export interface NamespaceCopyOptions {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** The label that names the pipeline of an object. */
  readonly pipelineLabel: string;
  readonly onChange: ReflectorOptions['onChange'];
  readonly logger: Logger;
  readonly random: () => number;
  readonly silenceMs?: number;
}

/**
 * A copy of all that concerns pipelines in a namespace, or in all of them, by a watch for each kind. Until every kind
 * was listed it holds back what it knows: half of it would look as if someone had deleted the rest.
 */
export class NamespaceCopy {
  /** When every kind was listed. */
  readonly known: Promise<void>;
  /** When the API server has listed or refused every kind. */
  readonly answered: Promise<unknown>;
  readonly #namespace: string | undefined;
  readonly #pipelineLabel: string;
  readonly #resources: Reflector;
  readonly #pods: Reflector;
  readonly #kafkaTopics: Reflector;
  readonly #podMonitors: Reflector;
  readonly #scaledObjects: Reflector;
  readonly #objects: readonly Reflector[];
  #isKnown = false;

  constructor(client: ApiClient, { pipelineLabel, onChange, ...rest }: NamespaceCopyOptions) {
    this.#namespace = rest.namespace;
    this.#pipelineLabel = pipelineLabel;
    const all = {
      ...rest,
      onChange: (object: KubeObject, isGone: boolean) => {
        if (this.#isKnown) onChange(object, isGone);
      },
    };
    const ours = { ...all, labelSelector: pipelineLabel };
    this.#resources = new Reflector(client, { ...all, kind: KINDS.MovingAverage });
    this.#pods = new Reflector(client, { ...ours, kind: KINDS.Pod });
    this.#kafkaTopics = new Reflector(client, { ...all, kind: KINDS.KafkaTopic, isOptional: true });
    this.#podMonitors = new Reflector(client, { ...ours, kind: KINDS.PodMonitor, isOptional: true });
    this.#scaledObjects = new Reflector(client, { ...ours, kind: KINDS.ScaledObject, isOptional: true });
    this.#objects = [
      ...OWNED_KINDS.map((kind) => new Reflector(client, { ...ours, kind })),
      this.#podMonitors,
      this.#scaledObjects,
    ];
    this.known = this.#tellOfAllWhenListed(onChange);
    this.answered = Promise.all(this.#all.map((reflector) => reflector.answered));
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((reflector) => reflector.run(signal)));
  }

  /** What is not known yet, and what may not be looked at any more. */
  get obstacles(): Obstacle[] {
    const where = this.#namespace === undefined ? '' : ` of the namespace ${this.#namespace}`;
    return this.#all
      .filter(({ hasSynced, isRefused }) => !hasSynced || isRefused)
      .map(({ kind, isRefused }) =>
        isRefused
          ? { part: 'kubernetes', reason: `${kind.plural}${where} may not be listed`, degrades: true }
          : { part: 'kubernetes', reason: `${kind.plural}${where} have not been listed yet` },
      );
  }

  resource(key: string): KubeObject | undefined {
    return this.#resources.get(key);
  }

  resources(): Iterable<KubeObject> {
    return this.#resources.all();
  }

  objects(namespace: string, pipeline: string): readonly KubeObject[] {
    return this.#objects.flatMap((reflector) => this.#ofPipeline(reflector, namespace, pipeline));
  }

  /** The pods of all pipelines. */
  allPods(): Iterable<KubeObject> {
    return this.#pods.all();
  }

  pods(namespace: string, pipeline: string): readonly KubeObject[] {
    return this.#ofPipeline(this.#pods, namespace, pipeline);
  }

  kafkaTopics(namespace: string): readonly KubeObject[] {
    return [...this.#kafkaTopics.all()].filter(({ metadata }) => metadata.namespace === namespace);
  }

  get hasStrimzi(): boolean {
    return !this.#kafkaTopics.isMissing;
  }

  get hasPodMonitor(): boolean {
    return !this.#podMonitors.isMissing;
  }

  get hasKeda(): boolean {
    return !this.#scaledObjects.isMissing;
  }

  get #all(): readonly Reflector[] {
    return [this.#resources, this.#pods, this.#kafkaTopics, ...this.#objects];
  }

  async #tellOfAllWhenListed(onChange: ReflectorOptions['onChange']): Promise<void> {
    await Promise.all(this.#all.map((reflector) => reflector.synced));
    this.#isKnown = true;
    for (const reflector of this.#all) for (const object of reflector.all()) onChange(object, false);
  }

  #ofPipeline(reflector: Reflector, namespace: string, pipeline: string): KubeObject[] {
    const key = `${namespace}/${pipeline}`;
    return [...reflector.all()].filter(
      ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.labels?.[this.#pipelineLabel] ?? ''}` === key,
    );
  }
}

/** Kinds of which every pipeline has objects. */
const OWNED_KINDS = [
  KINDS.ServiceAccount,
  KINDS.ConfigMap,
  KINDS.Deployment,
  KINDS.HorizontalPodAutoscaler,
  KINDS.PodDisruptionBudget,
  KINDS.NetworkPolicy,
];
