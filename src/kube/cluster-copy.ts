import type { KubeObject } from '../operator/kube-object.ts';
import { METRICS_API_SERVICE, metricsProviderOf, type ServiceAt } from '../operator/metrics-provider.ts';
import type { ClusterView, MetricsProvider } from '../operator/ports.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { ApiClient } from './api-client.ts';
import { KINDS } from './kinds.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export interface ClusterCopyOptions {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** The label that names the pipeline of an object. */
  readonly pipelineLabel: string;
  /** By which we serve external metrics, if we do. */
  readonly metricsService: ServiceAt;
  readonly logger: Logger;
  readonly random: () => number;
  readonly silenceMs?: number;
}

/** A copy of all of the cluster that concerns the operator, kept up to date by a watch for each kind. */
export class ClusterCopy implements ClusterView {
  readonly #pipelineLabel: string;
  readonly #metricsService: ServiceAt;
  readonly #resources: Reflector;
  readonly #pods: Reflector;
  readonly #kafkaTopics: Reflector;
  readonly #podMonitors: Reflector;
  readonly #apiServices: Reflector;
  readonly #scaledObjects: Reflector;
  readonly #objects: readonly Reflector[];
  #onChange: ReflectorOptions['onChange'] = nobodyListens;

  constructor(client: ApiClient, options: ClusterCopyOptions) {
    const { pipelineLabel, metricsService, ...rest } = options;
    this.#pipelineLabel = pipelineLabel;
    this.#metricsService = metricsService;
    const onChange: ReflectorOptions['onChange'] = (object, isGone) => {
      this.#onChange(object, isGone);
    };
    const all = { ...rest, onChange };
    const ours = { ...all, labelSelector: pipelineLabel };
    this.#resources = new Reflector(client, { ...all, kind: KINDS.MovingAverage });
    this.#pods = new Reflector(client, { ...ours, kind: KINDS.Pod });
    this.#kafkaTopics = new Reflector(client, { ...all, kind: KINDS.KafkaTopic, isOptional: true });
    this.#podMonitors = new Reflector(client, { ...ours, kind: KINDS.PodMonitor, isOptional: true });
    this.#apiServices = new Reflector(client, {
      ...all,
      kind: KINDS.APIService,
      namespace: undefined,
      name: METRICS_API_SERVICE,
    });
    this.#scaledObjects = new Reflector(client, { ...ours, kind: KINDS.ScaledObject, isOptional: true });
    this.#objects = [
      ...OWNED_KINDS.map((kind) => new Reflector(client, { ...ours, kind })),
      this.#podMonitors,
      this.#scaledObjects,
    ];
  }

  /** Tells of changes from now on; of what is there already `resources` and `objects` tell. */
  listen(onChange: ReflectorOptions['onChange']): () => void {
    this.#onChange = onChange;
    return () => {
      this.#onChange = nobodyListens;
    };
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((reflector) => reflector.run(signal)));
  }

  /** Whether all kinds were listed before the signal. */
  async synced(signal: AbortSignal): Promise<boolean> {
    const listed = Promise.all(this.#all.map((reflector) => reflector.synced));
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
    await Promise.race([listed, aborted]);
    return !signal.aborted;
  }

  /** What is not known yet. */
  get obstacles(): Obstacle[] {
    return this.#all
      .filter(({ hasSynced }) => !hasSynced)
      .map(({ kind }) => ({ part: 'kubernetes', reason: `${kind.plural} have not been listed yet` }));
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

  /** The registration of who serves external metrics. */
  get apiService(): KubeObject | undefined {
    return this.#apiServices.get(`/${METRICS_API_SERVICE}`);
  }

  get metricsProvider(): MetricsProvider | undefined {
    return metricsProviderOf(this.apiService, this.#metricsService);
  }

  get hasKeda(): boolean {
    return !this.#scaledObjects.isMissing;
  }

  get #all(): readonly Reflector[] {
    return [this.#resources, this.#pods, this.#kafkaTopics, this.#apiServices, ...this.#objects];
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

function nobodyListens(): void {
  // An operator that does not lead only keeps its copy.
}
