/** What a pipeline does, in full: defaults are in, durations are milliseconds, and nothing in it can be wrong. */
export interface Pipeline {
  readonly name: string;
  readonly kafka: Kafka | undefined;
  readonly redis: Redis | undefined;
  readonly schemaRegistry: SchemaRegistry | undefined;
  readonly input: Input;
  readonly output: Output;
  /** Undefined: late trades are only counted. */
  readonly late: Destination | undefined;
  /** Undefined: records that are no trades are only counted. */
  readonly deadLetters: Destination | undefined;
  /** At least one, no two equal. */
  readonly windows: readonly (TimeWindow | CountWindow)[];
  readonly emit: 'final' | 'update';
  /** Distance of the watermark from the newest event time. */
  readonly delayMs: number;
  /** Silence after which the clock moves the watermark; undefined: it never does. */
  readonly idleAfterMs: number | undefined;
  /** Undefined: one, or as many as `scaling` says. */
  readonly replicas: number | undefined;
  readonly scaling: Scaling | undefined;
  /** Of each aggregator; undefined: what the operator gives to all. */
  readonly resources: PodResources | undefined;
  readonly deletionPolicy: 'Retain' | 'Delete';
}

/** As Kubernetes writes amounts. */
export interface PodResources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

export interface Kafka {
  readonly brokers:
    | { readonly kind: 'cluster'; readonly name: string }
    | { readonly kind: 'servers'; readonly addresses: readonly string[] };
  readonly tls: Tls | undefined;
  readonly sasl: Sasl | undefined;
}

export interface Tls {
  readonly caSecretRef: SecretRef | undefined;
  readonly certificateSecretRef:
    { readonly name: string; readonly certificate: string; readonly privateKey: string } | undefined;
}

export type Sasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly passwordSecretRef: SecretRef;
    }
  | {
      readonly mechanism: 'oauthbearer';
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecretRef: SecretRef;
      readonly scope: string | undefined;
      readonly tokenCaSecretRef: SecretRef | undefined;
    }
  /** The login itself is the role that AWS gives the pod. */
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string };

export interface Redis {
  readonly servers: RedisServers;
  readonly username: string | undefined;
  readonly passwordSecretRef: SecretRef | undefined;
  /** Undefined: not encrypted, unless the URL is `rediss://`. */
  readonly tls: Tls | undefined;
}

/** A registry of schemas with the API of Confluent. */
export interface SchemaRegistry {
  /** Without a slash at the end. */
  readonly url: string;
  readonly login: { readonly username: string; readonly passwordSecretRef: SecretRef } | undefined;
  readonly tls: Tls | undefined;
}

export type RedisServers =
  | { readonly kind: 'single'; readonly url: string }
  | {
      readonly kind: 'sentinel';
      readonly master: string;
      readonly addresses: readonly string[];
      readonly database: number;
      readonly username: string | undefined;
      readonly passwordSecretRef: SecretRef | undefined;
    }
  | { readonly kind: 'cluster'; readonly addresses: readonly string[] };

export interface SecretRef {
  readonly name: string;
  readonly key: string;
}

export interface Input {
  /** Undefined where neither the file nor the command line names one. */
  readonly source: Source | undefined;
  readonly partitions: number | undefined;
  /** Whether a stage before the windows brings the trades of each symbol together. */
  readonly rekey: boolean;
  readonly format: 'csv' | 'json' | 'avro' | 'protobuf';
  readonly header: 'auto' | 'present' | 'absent';
  readonly delimiter: string;
  readonly fields: Fields;
  readonly timeUnit: 'ms' | 'us' | 'ns' | 'iso';
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  /** Avro and Protobuf: a whole number counts in 10^-scale. */
  readonly priceScale: number;
  readonly quantityScale: number;
}

export type Source =
  | { readonly kind: 'topic'; readonly topic: string }
  /** `-` is standard input. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'socket'; readonly host: string; readonly port: number }
  | Demo;

export interface Demo {
  readonly kind: 'demo';
  readonly symbols: number;
  readonly tradesPerSecond: number;
  readonly disorderMs: number;
  readonly lateShare: number;
  readonly seed: number;
}

/** Names of fields, or positions counted from 1 (CSV only); undefined where the usual name is meant. */
export interface Fields {
  readonly symbol: string | number | undefined;
  readonly price: string | number | undefined;
  readonly quantity: string | number | undefined;
  readonly time: string | number | undefined;
}

export interface Output {
  /** Undefined where neither the file nor the command line names one. */
  readonly destination: Destination | undefined;
  /** Undefined: as suits the destination. */
  readonly format: 'csv' | 'json' | undefined;
  readonly measures: readonly Measure[];
}

export type Measure = 'average' | 'min' | 'max' | 'count' | 'volume' | 'vwap';

export type Destination =
  | { readonly kind: 'topic'; readonly topic: string }
  /** `-` is standard output. */
  | { readonly kind: 'file'; readonly path: string };

export interface TimeWindow {
  readonly kind: 'time';
  readonly sizeMs: number;
  readonly slideMs: number;
}

export interface CountWindow {
  readonly kind: 'count';
  readonly trades: number;
  readonly every: number;
}

export interface Scaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly catchUpWithinMs: number;
  /** Who hands the number of replicas to the autoscaler. */
  readonly metrics: 'operator' | 'keda' | 'prometheus';
}
