import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-33';
import type { Pipeline } from '../../src/resource/pipeline.ts';
import { dnsEgress, tcp } from '../network-rules.ts';
import { kafkaPorts } from './kafka-addresses.ts';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';

const REDIS_PORT = 6379;

/**
 * What aggregators may reach: DNS, Kafka, Redis; and who reaches them: anyone, at their HTTP port alone. Peers are
 * told by port, for brokers and Redis may stand outside of the cluster; those of Strimzi are known by their label.
 */
export function addNetworkPolicy(scope: Construct, context: PipelineContext): void {
  const { pipeline, surroundings } = context;
  new k8s.KubeNetworkPolicy(scope, 'network-policy', {
    metadata: ownedMetadata(context),
    spec: {
      podSelector: { matchLabels: selectorOf(context) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromString('http') }] }],
      egress: [
        dnsEgress(),
        ...kafkaEgress(pipeline, surroundings.kafkaPorts ?? []),
        ...(pipeline.redis === undefined ? [] : [{ ports: [tcp(redisPort(pipeline.redis.url))] }]),
      ],
    },
  });
}

function kafkaEgress(pipeline: Pipeline, advertised: readonly number[]): k8s.NetworkPolicyEgressRule[] {
  const ports = [...new Set([...kafkaPorts(pipeline), ...advertised])].map(tcp);
  if (ports.length === 0) return [];
  const brokers = pipeline.kafka?.brokers;
  if (brokers?.kind !== 'cluster') return [{ ports }];
  return [{ ports, to: [{ podSelector: { matchLabels: { 'strimzi.io/cluster': brokers.name } } }] }];
}

function redisPort(url: string): number {
  const { port } = new URL(url);
  return port === '' ? REDIS_PORT : Number(port);
}
