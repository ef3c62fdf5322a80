import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import type { Construct } from 'constructs';
import { RESTRICTED_CONTAINER, restrictedPod } from '../pod-security.ts';

/** The user `redis` of the official image. */
const REDIS_USER = 999;
const IMAGE = 'redis:8.2.1-bookworm';
const NAME = 'redis';
const SELECTOR = { 'app.kubernetes.io/name': 'redis', 'app.kubernetes.io/part-of': 'tidemark' };

/**
 * One Redis in memory. What it loses when it restarts, aggregators read from Kafka again. It never evicts a checkpoint:
 * a part of one is worth nothing, and a full Redis is told of. Aggregators alone reach it.
 */
export function addRedis(scope: Construct): void {
  new k8s.KubeDeployment(scope, 'redis', {
    metadata: { name: NAME },
    spec: {
      replicas: 1,
      selector: { matchLabels: SELECTOR },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels: SELECTOR },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: restrictedPod(REDIS_USER),
          containers: [container()],
          volumes: [{ name: 'data', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } }],
        },
      },
    },
  });
  new k8s.KubeService(scope, 'redis-service', {
    metadata: { name: NAME },
    spec: {
      selector: SELECTOR,
      ports: [{ name: 'redis', port: 6379, targetPort: k8s.IntOrString.fromString('redis') }],
    },
  });
  new k8s.KubeNetworkPolicy(scope, 'redis-network-policy', {
    metadata: { name: NAME },
    spec: {
      podSelector: { matchLabels: SELECTOR },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'aggregator' } } }],
          ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromString('redis') }],
        },
      ],
    },
  });
}

function container(): k8s.Container {
  return {
    name: 'redis',
    image: IMAGE,
    command: ['redis-server'],
    args: ['--save', '', '--appendonly', 'no', '--maxmemory', '192mb', '--maxmemory-policy', 'noeviction'],
    ports: [{ name: 'redis', containerPort: 6379 }],
    readinessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 5, timeoutSeconds: 2 },
    livenessProbe: { tcpSocket: { port: k8s.IntOrString.fromString('redis') }, periodSeconds: 10 },
    resources: {
      requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('256Mi') },
      limits: { cpu: k8s.Quantity.fromString('1'), memory: k8s.Quantity.fromString('256Mi') },
    },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
}
