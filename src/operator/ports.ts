import type { ClusterPipeline } from './desired-pipeline.ts';
import type { KubeObject } from './kube-object.ts';
import type { Note } from './note.ts';
import type { LoadReading } from '../scaling/load-reading.ts';
import type { SeenTopic, WantedTopic } from './topics.ts';

/** What is known of the cluster, from copies that are kept up to date: asking costs nothing. */
export interface ClusterView {
  /** By `namespace/name`. */
  resource(key: string): KubeObject | undefined;
  /** All pipelines that the operator looks after. */
  resources(): Iterable<KubeObject>;
  /** Objects that carry the pipeline's label, without pods and KafkaTopics. */
  objects(namespace: string, pipeline: string): readonly KubeObject[];
  pods(namespace: string, pipeline: string): readonly KubeObject[];
  /** All of the namespace, whoever made them. */
  kafkaTopics(namespace: string): readonly KubeObject[];
  /** Whether the API server knows KafkaTopic. */
  readonly hasStrimzi: boolean;
  readonly hasPodMonitor: boolean;
  /** Whether the API server knows ScaledObject. */
  readonly hasKeda: boolean;
  /** Who serves external.metrics.k8s.io in this cluster; undefined: nobody. */
  readonly metricsProvider: MetricsProvider | undefined;
}

/**
 * One per cluster: this operator, or another by its Service, as `keda/keda-operator-metrics-apiserver`. An operator that
 * is not to serve them does not look who does.
 */
export type MetricsProvider = 'tidemark' | 'switched off' | { readonly other: string };

/** Writes to the cluster; they fail once another may be the leader. */
export interface ClusterEffects {
  /** Server-side apply; returns the object as it is then. Throws KUBE_REFUSED where the API server will not have it. */
  apply(object: KubeObject, fieldManager?: string): Promise<KubeObject>;
  applyStatus(resource: KubeObject, status: object): Promise<KubeObject>;
  /** Deletes; what is gone already is fine. */
  remove(object: KubeObject): Promise<void>;
  /** Tells of it as an event; never rejects. */
  record(regarding: KubeObject, note: Note): Promise<void>;
}

/** Desired objects of a pipeline, in an order in which they can be applied. Pure. */
export type Render = (
  resource: KubeObject,
  cluster: Pick<ClusterView, 'hasStrimzi' | 'hasPodMonitor' | 'hasKeda'>,
) => readonly KubeObject[];

/** How far the aggregators are. */
export interface Progress {
  readonly lagRecords: number;
  /** The lowest of all partitions; undefined before the first trade. */
  readonly watermarkMs: number | undefined;
  /** Symbols that trade in several partitions, where their windows are wrong; undefined: none that is known. */
  readonly split?: SplitSymbolsSeen | undefined;
}

export interface SplitSymbolsSeen {
  /** At least so many. */
  readonly count: number;
  /** One of them, and two partitions that it trades in. */
  readonly symbol: string;
  readonly partitions: readonly [number, number];
}

/** A pipeline's Kafka; every call finds the brokers and the login by the pipeline. */
export interface PipelineKafka {
  /** The topics that exist, of those that are named. */
  seenTopics(of: PipelineAt, names: readonly string[]): Promise<ReadonlyMap<string, SeenTopic>>;
  /** Returns the names of those that did not exist before. */
  createTopics(of: PipelineAt, topics: readonly WantedTopic[]): Promise<readonly string[]>;
  growTopic(of: PipelineAt, name: string, partitions: number): Promise<void>;
  /** Topics that are gone already are fine. */
  removeTopics(of: PipelineAt, names: readonly string[]): Promise<void>;
  progress(of: PipelineAt): Promise<Progress>;
  /** What there is to read, and who reads it. Throws where any of it cannot be told. */
  load(of: PipelineAt): Promise<LoadReading>;
  /** Removes an instance's members from the consumer group; returns how many there were. */
  evict(of: PipelineAt, instance: string): Promise<number>;
}

export interface PipelineAt {
  readonly namespace: string;
  readonly pipeline: ClusterPipeline;
}
