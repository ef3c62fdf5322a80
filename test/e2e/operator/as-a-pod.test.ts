import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorInCluster } from '../../support/operator-in-cluster.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster({ 'pod-security.kubernetes.io/enforce': 'restricted' });
let kafka: KafkaCluster;
let operator: OperatorInCluster;

beforeAll(async () => {
  const { TIDEMARK_E2E_IMAGE: image, TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  if (!image) {
    throw new Error(
      'These tests run pods: set TIDEMARK_E2E_IMAGE to an image of this checkout that the nodes have.',
    );
  }
  const { namespace } = cluster;
  const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '384Mi' } };
  operator = new OperatorInCluster(cluster.client, namespace, { image, resources });
  await operator.apply();
  kafka = await startKafka({ host, own: true });
});

afterAll(async () => {
  await operator.removeRights();
  await kafka.stop();
});

test('operators in pods, with their own rights under the restricted standard, make pipelines, and one takes over from another', async () => {
  const first = await until(
    'one of two leads',
    async () => ((await operator.readyPods()).length === 2 ? operator.leader() : undefined),
    90_000,
  );
  const before = await applied('before');
  expect((await before.condition('Degraded'))?.status).toBe('False');
  const pod = await until("the leader's pod is found", async () =>
    (await operator.readyPods()).find(({ metadata }) => first.startsWith(metadata.name)),
  );
  await removeObject(cluster.client, { ...pod, ...KIND_OF_POD });
  await until('another leads', async () => ![first, ''].includes(await operator.leader()), 60_000);
  await applied('after');
});

const KIND_OF_POD = { apiVersion: 'v1', kind: 'Pod' };

async function applied(name: string): Promise<MovingAverageInCluster> {
  const pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, name);
  await pipeline.apply({
    kafka: { bootstrapServers: kafka.brokers },
    input: { topic: name, partitions: 1 },
    output: { topic: `${name}_averages` },
    windows: [{ size: '3s' }],
    replicas: 0,
  });
  await pipeline.becomes('Progressing', 'RolledOut');
  return pipeline;
}
