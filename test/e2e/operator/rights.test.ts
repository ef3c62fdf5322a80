import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../cdk8s/kubernetes-object.ts';
import { ApiClient } from '../../../src/kube/api-client.ts';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import type { PipelineStatus } from '../../../src/operator/status.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { ApiProxy, type SeenRequest } from '../../support/api-proxy.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { OBJECT_SETS } from '../../support/manifest-objects.ts';
import { ExternalMetricsInCluster } from '../../support/external-metrics.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { installKafkaTopicCrd, StrimziController } from '../../support/strimzi-controller.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
const folder = temporaryFolder();
let kafka: KafkaCluster;
let proxy: ApiProxy;
let operator: OperatorProcess;
let strimzi: StrimziController;
let metrics: ExternalMetricsInCluster;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host } = process.env;
  if (!host) throw new Error('The API server must reach this machine: set TIDEMARK_E2E_HOST to its address.');
  await installCrd(cluster.client);
  await installKafkaTopicCrd(cluster.client);
  kafka = await startKafka({ own: true });
  strimzi = new StrimziController(cluster.client, cluster.namespace, kafka.brokers);
  proxy = await ApiProxy.start(cluster.connection);
  const kubeconfig = proxy.writeKubeconfig(`${folder}/kubeconfig`);
  operator = new OperatorProcess({
    namespace: cluster.namespace,
    kubeconfig,
    instance: 'rights',
    image: 'tidemark:none',
    servesExternalMetrics: true,
  });
  metrics = new ExternalMetricsInCluster(cluster.client, cluster.namespace, host);
  metrics.install();
});

afterAll(async () => {
  await operator.end();
  await metrics.uninstall();
  await strimzi.stop();
  await proxy.close();
  await kafka.stop();
});

test('over the life of a few pipelines the operator uses every right that it has, and no other', async () => {
  const edited = inCluster('edited');
  await edited.apply(spec('edited', { replicas: 0 }));
  await edited.becomes('Progressing', 'RolledOut');
  await edited.apply(spec('edited', { scaling: { maxReplicas: 1 } }));
  await until(
    'it has an autoscaler',
    async () => (await edited.objects(KINDS.HorizontalPodAutoscaler)).length === 1,
  );
  await until('the status tells how many its load asks for', async () => {
    const { scaling } = ((await edited.read())?.status ?? {}) as Partial<PipelineStatus>;
    return scaling?.desiredReplicas === 1 && scaling.message.startsWith('0 trades/s arrive, 0 wait');
  });
  await edited.apply(spec('edited', { replicas: 0, windows: [{ size: '5s' }] }));
  await until('it has none', async () => (await edited.objects(KINDS.HorizontalPodAutoscaler)).length === 0);
  await until(
    'its former file is gone',
    async () => (await edited.objects(KINDS.ConfigMap)).length === 1,
    60_000,
  );

  const cleared = inCluster('cleared');
  await cleared.apply(spec('cleared', { replicas: 0, deletionPolicy: 'Delete' }));
  await cleared.becomes('Progressing', 'RolledOut');
  await cleared.remove();
  await until('it is gone', async () => (await cleared.read()) === undefined, 60_000);

  const onStrimzi = inCluster('strimzi');
  await onStrimzi.apply(spec('strimzi', { replicas: 0, kafka: { cluster: 'my-cluster' } }));
  await onStrimzi.becomes('TopicsReady', 'True');

  await cluster.client.send({
    method: 'POST',
    path: pathOf(KINDS.Secret, cluster.namespace),
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, stringData: { password: 'x' } },
  });
  const secured = inCluster('secured');
  const passwordSecretRef = { name: 'login', key: 'password' };
  const sasl = { mechanism: 'plain', username: 'stocks', passwordSecretRef } as const;
  await secured.apply(spec('secured', { replicas: 0, kafka: { bootstrapServers: kafka.brokers, sasl } }));
  await secured.becomes('TopicsReady', 'Unknown');
  metrics.leadTo([await until('external metrics are served', () => operator.externalMetricsPort)]);
  await metrics.isAvailable();
  const autoscaler = clientAs('system:serviceaccount:kube-system:horizontal-pod-autoscaler');
  await expect(autoscaler.send({ method: 'GET', path: metrics.path })).rejects.toThrow(
    'spec.scaling is not set',
  );
  autoscaler.close();
  // The same again and again, until its event is counted.
  await until(
    'an event is told again',
    async () => {
      for (const budget of await edited.objects(KINDS.PodDisruptionBudget))
        await removeObject(cluster.client, budget);
      await delay(1_000);
      return used().has('events.k8s.io events patch');
    },
    90_000,
  );

  const granted = new Set(rulesOf('ClusterRole').concat(rulesOf('Role')));
  const surplus = [...granted].filter(
    (right) => !used().has(right) && !/^(monitoring\.coreos\.com|keda\.sh) /.test(right),
  );
  const missing = [...used()].filter((right) => !granted.has(right));
  expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
});

/** What was asked of the API server, as rights: `apps deployments patch`. */
function used(): Set<string> {
  return new Set(proxy.seen.flatMap(rightsOf));
}

function rightsOf({ method, path, isWatch, status }: SeenRequest): string[] {
  const parts = (PATH.exec(path) ?? []) as (string | undefined)[];
  const [, group = '', plural = '', name, part] = parts;
  const resource = `${group} ${plural}${part === undefined ? '' : `/${part}`}`;
  switch (method) {
    case 'GET':
      return [`${resource} ${isWatch ? 'watch' : name === undefined ? 'list' : 'get'}`];
    case 'PATCH':
      return [`${resource} patch`, ...(status === 201 ? [`${resource} create`] : [])];
    case 'POST':
      return [`${resource} create`];
    case 'PUT':
      return [`${resource} update`];
    default:
      return [`${resource} ${method.toLowerCase()}`];
  }
}

/** Group, plural, name and subresource. */
const PATH = /^\/api(?:s\/([^/]+))?\/v[^/]+\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

function rulesOf(kind: 'ClusterRole' | 'Role'): string[] {
  const roles = OBJECT_SETS['operator.yaml'].filter(
    (object) => object.kind === kind && !isOfAutoscaler(object),
  );
  const rules = roles.flatMap(
    (role) =>
      (role as unknown as { rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] }).rules,
  );
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group} ${resource} ${verb}`)),
    ),
  );
}

/** As kubectl's `--as`: of an administrator's rights nobody is asked. */
function clientAs(user: string): ApiClient {
  const { connection } = cluster;
  const headers = async () => ({ ...(await connection.headers()), 'Impersonate-User': user });
  return new ApiClient({ ...connection, headers });
}

/** Who reads the metric is no operator. */
function isOfAutoscaler({ metadata }: KubernetesObject): boolean {
  return metadata.name.endsWith('-reader');
}

function inCluster(name: string): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, name);
}

function spec(name: string, more: Partial<SpecInput>): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers },
    input: { topic: name, partitions: 1 },
    output: { topic: `${name}_averages` },
    windows: [{ size: '3s', slide: '1s' }],
    ...more,
  };
}
