import type { OwnerReference } from '../kubernetes-object.ts';
import type { ImagePullSecrets } from '../pull-secrets.ts';

/** What a cluster says about the objects of its pipelines, beside the pipeline itself. */
export interface PipelineSurroundings {
  /** The image of the aggregators, by tag or digest. */
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Secrets of the namespace to fetch it with. Default: none. */
  readonly imagePullSecrets?: ImagePullSecrets;
  readonly namespace: string;
  /** The MovingAverage in the API server; its objects go with it. Left out where there is none, as in a manifest. */
  readonly ownerReference?: OwnerReference;
  /** Whether the API server knows KafkaTopic of kafka.strimzi.io/v1. */
  readonly hasStrimzi: boolean;
  /** Whether the API server knows PodMonitor of monitoring.coreos.com/v1. */
  readonly hasPodMonitor: boolean;
  /** Whether the API server knows ScaledObject of keda.sh/v1alpha1. */
  readonly hasKeda: boolean;
  /** The operator's metrics page, for KEDA. */
  readonly operatorMetricsUrl: string;
  /** How pods spread over machines and zones. Default: `preferred`. */
  readonly topologySpread?: 'preferred' | 'zones-required';
  /** Annotations of the pods' account, such as the role that a cloud gives it. */
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
  /** Of the aggregator. Default: `AGGREGATOR_RESOURCES`. */
  readonly resources?: ContainerResources;
  /** Of pino: info, debug, ... Default: info. */
  readonly logLevel?: string;
  /** Ports on which brokers advertise themselves beside those of the bootstrap servers. */
  readonly kafkaPorts?: readonly number[];
}

/** Quantities as Kubernetes writes them: `500m`, `256Mi`. */
export interface ContainerResources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}
