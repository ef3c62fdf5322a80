import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { kubectl } from '../../support/kubectl.ts';
import { MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorInCluster } from '../../support/operator-in-cluster.ts';
import { podsImage } from '../../support/pods-image.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster({ 'pod-security.kubernetes.io/enforce': 'restricted' });
let kafka: KafkaCluster;
let operator: OperatorInCluster;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  const image = podsImage();
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

test('external metrics of pods are served by their Service, and the leader is registered for them', async () => {
  const pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, 'scaled');
  await pipeline.apply({
    kafka: { bootstrapServers: ['127.0.0.1:9'] },
    input: { topic: 'scaled', partitions: 2 },
    output: { topic: 'scaled_averages' },
    windows: [{ size: '3s' }],
    scaling: { maxReplicas: 2 },
  });
  const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${cluster.namespace}/tidemark_desired_replicas`;
  const reader = ['--as', 'system:serviceaccount:kube-system:horizontal-pod-autoscaler'];
  const get = () => kubectl(['get', '--raw', `${path}?labelSelector=pipeline=scaled`, ...reader]);
  await until(
    'it is asked, and knows no number yet',
    () => get().stderr.includes('MovingAverage scaled: '),
    60_000,
  );
  await cluster.client.send({
    method: 'PATCH',
    path: `${pathOf(KINDS.MovingAverage, cluster.namespace, 'scaled')}/status`,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: {
      ...KIND_OF_PIPELINE,
      metadata: { name: 'scaled' },
      status: { scaling: { desiredReplicas: 2, message: 'two' } },
    },
  });
  const { items } = await until('the number is served', () => {
    const { status, stdout } = get();
    return status === 0 ? (JSON.parse(stdout) as { items: object[] }) : undefined;
  });
  expect(items).toMatchObject([{ metricLabels: { pipeline: 'scaled' }, value: '2' }]);
  await pipeline.remove();
});

const KIND_OF_POD = { apiVersion: 'v1', kind: 'Pod' };
const KIND_OF_PIPELINE = { apiVersion: KINDS.MovingAverage.apiVersion, kind: KINDS.MovingAverage.kind };

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
