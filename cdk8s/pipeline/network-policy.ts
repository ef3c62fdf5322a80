import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import type { Pipeline } from '../../src/resource/pipeline.ts';
import { dnsEgress, tcp } from '../network-rules.ts';
import { kafkaPorts } from './kafka-addresses.ts';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';

const REDIS_PORT = 6379;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
/** Where EKS Pod Identity hands out credentials, on every node. */
const POD_IDENTITY = ['169.254.170.23/32', 'fd00:ec2::23/128'];

/**
 * What aggregators may reach: DNS, Kafka, Redis, a schema registry; and who reaches them: anyone, at their HTTP port alone. Peers are
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
        ...toAnyone(redisPorts(pipeline)),
        ...toAnyone(tokenPorts(pipeline)),
        ...podIdentityEgress(pipeline),
        ...toAnyone(registryPorts(pipeline)),
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

function toAnyone(ports: readonly number[]): k8s.NetworkPolicyEgressRule[] {
  return ports.length === 0 ? [] : [{ ports: [...new Set(ports)].map(tcp) }];
}

/** With Sentinels, theirs and the one that Redis itself usually has; a cluster's nodes name each other's. */
function redisPorts({ redis }: Pipeline): number[] {
  if (redis === undefined) return [];
  const { servers } = redis;
  if (servers.kind === 'single') return [portOf(servers.url, REDIS_PORT)];
  const named = servers.addresses.map((address) => portOf(`redis://${address}`, REDIS_PORT));
  return servers.kind === 'sentinel' ? [...named, REDIS_PORT] : named;
}

/** Where logins by token get theirs: the endpoint, or Amazon's. */
function tokenPorts({ kafka }: Pipeline): number[] {
  const sasl = kafka?.sasl;
  if (sasl?.mechanism === 'oauthbearer') return [portOf(sasl.tokenEndpoint, HTTPS_PORT)];
  return sasl?.mechanism === 'aws-msk-iam' ? [HTTPS_PORT] : [];
}

/** A pod's role comes from there, or by IRSA from Amazon's token service. */
function podIdentityEgress({ kafka }: Pipeline): k8s.NetworkPolicyEgressRule[] {
  if (kafka?.sasl?.mechanism !== 'aws-msk-iam') return [];
  return [{ ports: [tcp(HTTP_PORT)], to: POD_IDENTITY.map((cidr) => ({ ipBlock: { cidr } })) }];
}

function registryPorts({ schemaRegistry }: Pipeline): number[] {
  if (schemaRegistry === undefined) return [];
  return [portOf(schemaRegistry.url, schemaRegistry.url.startsWith('https:') ? HTTPS_PORT : HTTP_PORT)];
}

function portOf(url: string, usual: number): number {
  const { port } = new URL(url);
  return port === '' ? usual : Number(port);
}
