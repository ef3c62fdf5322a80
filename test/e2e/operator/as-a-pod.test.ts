import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { operatorObjects } from '../../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../../cdk8s/operator/operator-values.ts';
import type { KubernetesObject } from '../../../cdk8s/kubernetes-object.ts';
import { hasStatus } from '../../../src/kube/api-error.ts';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { METRICS_API_SERVICE } from '../../../src/operator/metrics-provider.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster, removeObject } from '../../support/kube-cluster.ts';
import { kubectl } from '../../support/kubectl.ts';
import { MovingAverageInCluster } from '../../support/moving-average.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster({ 'pod-security.kubernetes.io/enforce': 'restricted' });
let kafka: KafkaCluster;
let objects: readonly KubernetesObject[];

beforeAll(async () => {
  const { TIDEMARK_E2E_IMAGE: image, TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  if (!image) {
    throw new Error(
      'These tests run pods: set TIDEMARK_E2E_IMAGE to an image of this checkout that the nodes have.',
    );
  }
  const { namespace } = cluster;
  const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '384Mi' } };
  const values = operatorValues.parse({ image, resources });
  objects = operatorObjects({ values, namespace }).map((object) => inNamespaceOnly(object, namespace));
  for (const object of objects) await apply(object);
  kafka = await startKafka({ host, own: true });
});

afterAll(async () => {
  for (const object of objects.filter(isOutside)) {
    await cluster.client.send({ method: 'DELETE', path: placeOf(object) });
  }
  const registered = pathOf(KINDS.APIService, undefined, METRICS_API_SERVICE);
  await until(
    'the APIService has gone with its ClusterRole',
    () =>
      cluster.client.send({ method: 'GET', path: registered }).then(
        () => false,
        (error: unknown) => hasStatus(error, 404),
      ),
    60_000,
  );
  await kafka.stop();
});

test('operators in pods, with their own rights under the restricted standard, make pipelines, and one takes over from another', async () => {
  const first = await until(
    'one of two leads',
    async () => ((await readyPods()).length === 2 ? leader() : undefined),
    90_000,
  );
  const before = await applied('before');
  expect((await before.condition('Degraded'))?.status).toBe('False');
  const pod = await until("the leader's pod is found", async () =>
    (await readyPods()).find(({ metadata }) => first.startsWith(metadata.name)),
  );
  await removeObject(cluster.client, { ...pod, ...KIND_OF_POD });
  await until('another leads', async () => (await leader()) !== first && (await leader()) !== '', 60_000);
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
    body: { ...KIND_OF_PIPELINE, metadata: { name: 'scaled' }, status: { scaling: { desiredReplicas: 2 } } },
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

async function leader(): Promise<string> {
  const path = pathOf(KINDS.Lease, cluster.namespace, 'tidemark-operator');
  const lease = (await cluster.client.send({ method: 'GET', path })) as { spec: { holderIdentity: string } };
  return lease.spec.holderIdentity;
}

async function readyPods(): Promise<KubeObject[]> {
  const { items } = (await cluster.client.send({
    method: 'GET',
    path: pathOf(KINDS.Pod, cluster.namespace),
    query: { labelSelector: 'app.kubernetes.io/component=operator' },
  })) as { items: (KubeObject & { status: { conditions?: { type: string; status: string }[] } })[] };
  return items.filter(({ status }) =>
    status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
  );
}

/** Not in the test's namespace, with which all else goes. */
function isOutside({ kind, metadata }: KubernetesObject): boolean {
  return kind.startsWith('ClusterRole') || metadata.namespace === 'kube-system';
}

/** Other tests may have operators of their own on this cluster. */
function inNamespaceOnly(object: KubernetesObject, namespace: string): KubernetesObject {
  if (object.kind !== 'Deployment') return object;
  const copy = structuredClone(object) as KubernetesObject & {
    spec: { template: { spec: { containers: { env: object[] }[] } } };
  };
  copy.spec.template.spec.containers[0].env.push({ name: 'TIDEMARK_NAMESPACE', value: namespace });
  return copy;
}

async function apply(object: KubernetesObject): Promise<void> {
  await cluster.client.send({
    method: 'PATCH',
    path: placeOf(object),
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
}

function placeOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const small = kind.toLowerCase();
  const plural = small.endsWith('y') ? `${small.slice(0, -1)}ies` : `${small}s`;
  return pathOf({ apiVersion, kind, plural }, metadata.namespace, metadata.name);
}
