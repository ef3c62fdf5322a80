import type { KubeObject } from '../operator/kube-object.ts';
import { METRICS_API_SERVICE, metricsProviderOf, type ServiceAt } from '../operator/metrics-provider.ts';
import type { ClusterView, MetricsProvider } from '../operator/ports.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { ApiClient } from './api-client.ts';
import { KINDS } from './kinds.ts';
import { NamespaceCopy } from './namespace-copy.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export interface ClusterCopyOptions {
  /** None: all namespaces. */
  readonly namespaces: readonly string[];
  /** The label that names the pipeline of an object. */
  readonly pipelineLabel: string;
  /** By which we serve external metrics; undefined: we do not, and who does is not looked at. */
  readonly metricsService: ServiceAt | undefined;
  readonly logger: Logger;
  readonly random: () => number;
  readonly silenceMs?: number;
}

/**
 * A copy of all of the cluster that concerns the operator, kept up to date by watches. Of several namespaces one that
 * may not be read, as when it was deleted, holds up no other: it is as if it were empty until it can be.
 */
export class ClusterCopy implements ClusterView {
  readonly #metricsService: ServiceAt | undefined;
  readonly #copies: ReadonlyMap<string | undefined, NamespaceCopy>;
  readonly #apiServices: Reflector | undefined;
  #onChange: ReflectorOptions['onChange'] = nobodyListens;

  constructor(client: ApiClient, options: ClusterCopyOptions) {
    const { namespaces, pipelineLabel, metricsService, ...rest } = options;
    this.#metricsService = metricsService;
    const onChange: ReflectorOptions['onChange'] = (object, isGone) => {
      this.#onChange(object, isGone);
    };
    const each = namespaces.length === 0 ? [undefined] : namespaces;
    this.#copies = new Map(
      each.map((namespace) => [
        namespace,
        new NamespaceCopy(client, { ...rest, namespace, pipelineLabel, onChange }),
      ]),
    );
    this.#apiServices =
      metricsService &&
      new Reflector(client, {
        ...rest,
        onChange,
        kind: KINDS.APIService,
        namespace: undefined,
        name: METRICS_API_SERVICE,
      });
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
    const copies = [...this.#copies.values()].map((copy) => copy.run(signal));
    await Promise.all([...copies, this.#apiServices?.run(signal) ?? Promise.resolve()]);
  }

  /** Whether all that may be read was listed before the signal, and some may. */
  async synced(signal: AbortSignal): Promise<boolean> {
    const copies = [...this.#copies.values()];
    const listed = Promise.all([
      Promise.any(copies.map(({ known }) => known)),
      ...copies.map(({ answered }) => answered),
      this.#apiServices?.synced ?? Promise.resolve(),
    ]);
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
    await Promise.race([listed, aborted]);
    return !signal.aborted;
  }

  /** What is not known yet. */
  get obstacles(): Obstacle[] {
    const found = [...this.#copies.values()].flatMap(({ obstacles }) => obstacles);
    const isUseless = this.#known.length === 0;
    return [
      ...(isUseless ? found.map(({ part, reason }) => ({ part, reason })) : found),
      ...(this.#apiServices?.hasSynced === false
        ? [{ part: 'kubernetes', reason: `${KINDS.APIService.plural} have not been listed yet` }]
        : []),
    ];
  }

  resource(key: string): KubeObject | undefined {
    const [namespace = ''] = key.split('/', 1);
    return this.#in(namespace)?.resource(key);
  }

  *resources(): Iterable<KubeObject> {
    for (const copy of this.#known) yield* copy.resources();
  }

  objects(namespace: string, pipeline: string): readonly KubeObject[] {
    return this.#in(namespace)?.objects(namespace, pipeline) ?? [];
  }

  /** The pods of all pipelines. */
  *allPods(): Iterable<KubeObject> {
    for (const copy of this.#known) yield* copy.allPods();
  }

  pods(namespace: string, pipeline: string): readonly KubeObject[] {
    return this.#in(namespace)?.pods(namespace, pipeline) ?? [];
  }

  kafkaTopics(namespace: string): readonly KubeObject[] {
    return this.#in(namespace)?.kafkaTopics(namespace) ?? [];
  }

  // A kind that was just installed counts as there once all namespaces have been asked for it.
  get hasStrimzi(): boolean {
    return this.#known.every(({ hasStrimzi }) => hasStrimzi);
  }

  get hasPodMonitor(): boolean {
    return this.#known.every(({ hasPodMonitor }) => hasPodMonitor);
  }

  get hasKeda(): boolean {
    return this.#known.every(({ hasKeda }) => hasKeda);
  }

  /** The registration of who serves external metrics. */
  get apiService(): KubeObject | undefined {
    return this.#apiServices?.get(`/${METRICS_API_SERVICE}`);
  }

  get metricsProvider(): MetricsProvider | undefined {
    return this.#metricsService === undefined
      ? 'switched off'
      : metricsProviderOf(this.apiService, this.#metricsService);
  }

  get #known(): readonly NamespaceCopy[] {
    return [...this.#copies.values()].filter(({ isKnown }) => isKnown);
  }

  #in(namespace: string): NamespaceCopy | undefined {
    const copy = this.#copies.get(undefined) ?? this.#copies.get(namespace);
    return copy?.isKnown === true ? copy : undefined;
  }
}

function nobodyListens(): void {
  // An operator that does not lead only keeps its copy.
}
