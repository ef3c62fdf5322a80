import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

export interface KafkaOptions {
  readonly name: string;
  /** Brokers, which are controllers too: 1 or 3. */
  readonly nodes: 1 | 3;
  readonly storage: { readonly size: string; readonly class?: string };
  /** Pipelines log in by password over plain connections, or by certificate over TLS. */
  readonly logIn: 'password' | 'certificate';
  /** Nodes, and the copies of a partition, in different zones. */
  readonly spreadsOverZones: boolean;
}

/** A Kafka cluster of Strimzi (KRaft), in which a user may do what a KafkaUser grants and nothing else. */
export function addKafka(scope: Construct, options: KafkaOptions): void {
  const { name, nodes } = options;
  new ApiObject(scope, 'kafka', {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'Kafka',
    metadata: { name },
    spec: {
      kafka: {
        listeners: [LISTENERS[options.logIn]],
        authorization: { type: 'simple' },
        ...(options.spreadsOverZones && { rack: { topologyKey: 'topology.kubernetes.io/zone' } }),
        config: replication(nodes),
      },
      entityOperator: { topicOperator: {}, userOperator: {} },
    },
  });
  new ApiObject(scope, 'kafka-node-pool', {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaNodePool',
    metadata: { name: `${name}-nodes`, labels: { 'strimzi.io/cluster': name } },
    spec: {
      replicas: nodes,
      roles: ['controller', 'broker'],
      storage: {
        type: 'jbod',
        volumes: [
          {
            id: 0,
            type: 'persistent-claim',
            kraftMetadata: 'shared',
            deleteClaim: false,
            ...options.storage,
          },
        ],
      },
    },
  });
}

/** The ports are those by which pipelines find a cluster by its name. */
const LISTENERS = {
  password: {
    name: 'plain',
    port: 9092,
    type: 'internal',
    tls: false,
    authentication: { type: 'scram-sha-512' },
  },
  certificate: { name: 'tls', port: 9093, type: 'internal', tls: true, authentication: { type: 'tls' } },
};

/** A record is in two of three copies before it counts as written; one node may fail and nothing stops. */
function replication(nodes: number): Record<string, unknown> {
  const inSync = nodes > 1 ? nodes - 1 : 1;
  return {
    'default.replication.factor': nodes,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': nodes,
    'transaction.state.log.replication.factor': nodes,
    'transaction.state.log.min.isr': inSync,
    'auto.create.topics.enable': false,
  };
}
