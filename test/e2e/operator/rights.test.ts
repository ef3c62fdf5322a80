import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KINDS, pathOf, type Kind } from '../../../src/kube/kinds.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import type { PipelineStatus } from '../../../src/operator/status.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { ApiProxy } from '../../support/api-proxy.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { withKind } from '../../support/kinds-of-others.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { ExternalMetricsInCluster } from '../../support/external-metrics.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { as, connectionAs, OperatorRights, usedRights } from '../../support/operator-rights.ts';
import { installKafkaTopicCrd, StrimziController } from '../../support/strimzi-controller.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const AUTOSCALER = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const cluster = kubeCluster();
const folder = temporaryFolder();
let kafka: KafkaCluster;
/** Kinds that the Prometheus operator and KEDA bring along. */
let releases: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await installCrd(cluster.client);
  await installKafkaTopicCrd(cluster.client);
  releases = await Promise.all(
    [KINDS.PodMonitor, KINDS.ScaledObject].map((kind) => withKind(cluster.client, kind)),
  );
  kafka = await startKafka({ own: true });
});

afterAll(async () => {
  await kafka.stop();
  await Promise.all(releases.map((release) => release()));
});

// The operator is known by its account, so that it has the rights of the chart and no others. It looks at namespaces of
// this test alone, for others may have pipelines.
describe.each([['in all namespaces'], ['in watched namespaces alone']])('with rights %s', (where) => {
  const isHeld = where.includes('watched');
  /** Of the operator, of pipelines, and one that it is not to look at. */
  let home: string, watched: string, second: string, other: string;
  let rights: OperatorRights;
  let proxy: ApiProxy;
  let operator: OperatorProcess;
  let strimzi: StrimziController;
  let metrics: ExternalMetricsInCluster;

  beforeAll(async () => {
    const { TIDEMARK_E2E_HOST: host } = process.env;
    if (!host)
      throw new Error('The API server must reach this machine: set TIDEMARK_E2E_HOST to its address.');
    home = await cluster.another();
    watched = await cluster.another();
    second = await cluster.another();
    other = await cluster.another();
    const values = isHeld ? { watchNamespaces: [watched, second] } : {};
    rights = new OperatorRights(home, values);
    metrics = new ExternalMetricsInCluster(cluster.client, home, host);
    metrics.install(values);
    await rights.grant([watched, second]);
    strimzi = new StrimziController(cluster.client, watched, kafka.brokers);
    proxy = await ApiProxy.start(connectionAs(cluster.connection, rights.account));
    operator = new OperatorProcess({
      namespace: home,
      watched: [watched, second],
      kubeconfig: proxy.writeKubeconfig(`${folder}/kubeconfig`),
      instance: 'rights',
      image: 'tidemark:none',
      servesExternalMetrics: true,
    });
  });

  afterAll(async () => {
    await operator.end();
    rights.revoke();
    await metrics.uninstall();
    await strimzi.stop();
    await proxy.close();
  });

  test('over the life of a few pipelines the operator uses every right that it has, and no other', async () => {
    const elsewhere = new MovingAverageInCluster(cluster.client, other, 'elsewhere');
    await elsewhere.apply(spec('elsewhere', { replicas: 0 }));
    const edited = new MovingAverageInCluster(cluster.client, watched, named('edited'));
    await edited.apply(spec(edited.name, { replicas: 0 }));
    await edited.becomes('Progressing', 'RolledOut');
    const scaledObject = await scaleFor(edited, 'keda', KINDS.ScaledObject);
    expect(JSON.stringify(scaledObject.spec)).toContain(`http://tidemark-operator.${home}.svc:`);
    await scaleFor(edited, 'operator', KINDS.HorizontalPodAutoscaler);
    expect(await edited.objects(KINDS.PodMonitor)).toHaveLength(1);
    const cleared = new MovingAverageInCluster(cluster.client, second, named('cleared'));
    await cleared.apply(spec(cleared.name, { replicas: 0, deletionPolicy: 'Delete' }));
    await cleared.becomes('Progressing', 'RolledOut');
    await cleared.remove();
    await until('it is gone', async () => (await cleared.read()) === undefined, 60_000);
    await onStrimzi();
    await secured();
    metrics.leadTo([await until('external metrics are served', () => operator.externalMetricsPort)]);
    await metrics.isAvailable();
    await expect(
      as(cluster.connection, AUTOSCALER, (client) =>
        client.send({ method: 'GET', path: metrics.pathIn(watched) }),
      ),
    ).rejects.toThrow('spec.scaling is not set');
    await untilAnEventIsToldAgain(edited);

    const used = usedRights(proxy.seen);
    const surplus = [...rights.granted].filter((right) => !used.has(right));
    const missing = [...used].filter((right) => !rights.granted.has(right));
    expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
    expect(proxy.seen.filter(({ status }) => status === 403)).toEqual([]);
    expect((await elsewhere.read())?.status).toBeUndefined();
    expect(await elsewhere.objects(KINDS.ConfigMap)).toEqual([]);
  });

  test('it reads Secrets of other namespaces only where it may do so in all', async () => {
    await secretIn(other);
    const path = pathOf(KINDS.Secret, other, 'login');
    const answer = await as(cluster.connection, rights.account, (client) =>
      client.send({ method: 'GET', path }),
    ).catch((error: unknown) => error);
    expect(answer).toMatchObject(isHeld ? { status: 403 } : { metadata: { name: 'login' } });
  });

  test('what it has asked for is in its own namespace, in watched ones, or of the cluster for external metrics', () => {
    const places = proxy.seen.map(({ path }) => /\/namespaces\/([^/]+)/.exec(path)?.[1] ?? path);
    expect(new Set(places)).toEqual(
      new Set([
        home,
        watched,
        second,
        'kube-system',
        '/apis/apiregistration.k8s.io/v1/apiservices',
        '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io',
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        '/apis/rbac.authorization.k8s.io/v1/clusterroles/tidemark-external-metrics',
      ]),
    );
  });

  /** It gets an autoscaler and loses it, and its former file goes. Returns that autoscaler. */
  async function scaleFor(
    pipeline: MovingAverageInCluster,
    metrics: 'operator' | 'keda',
    autoscaler: Kind,
  ): Promise<KubeObject> {
    const autoscalers = () => pipeline.objects(autoscaler);
    await pipeline.apply(spec(pipeline.name, { scaling: { maxReplicas: 1, metrics } }));
    const [made] = await until('it has an autoscaler', async () => {
      const found = await autoscalers();
      return found.length === 1 ? found : undefined;
    });
    await until('the status tells how many its load asks for', async () => {
      const { scaling } = ((await pipeline.read())?.status ?? {}) as Partial<PipelineStatus>;
      return scaling?.desiredReplicas === 1 && scaling.message.startsWith('0 trades/s arrive, 0 wait');
    });
    await pipeline.apply(spec(pipeline.name, { replicas: 0, windows: [{ size: '5s' }] }));
    await until('it has none', async () => (await autoscalers()).length === 0);
    await until(
      'its former file is gone',
      async () => (await pipeline.objects(KINDS.ConfigMap)).length === 1,
      60_000,
    );
    return made;
  }

  async function onStrimzi(): Promise<void> {
    const pipeline = new MovingAverageInCluster(cluster.client, watched, named('strimzi'));
    await pipeline.apply(spec(pipeline.name, { replicas: 0, kafka: { cluster: 'my-cluster' } }));
    await pipeline.becomes('TopicsReady', 'True');
  }

  async function secured(): Promise<void> {
    await secretIn(watched);
    const pipeline = new MovingAverageInCluster(cluster.client, watched, named('secured'));
    const passwordSecretRef = { name: 'login', key: 'password' };
    const sasl = { mechanism: 'plain', username: 'stocks', passwordSecretRef } as const;
    await pipeline.apply(
      spec(pipeline.name, { replicas: 0, kafka: { bootstrapServers: kafka.brokers, sasl } }),
    );
    await pipeline.becomes('TopicsReady', 'Unknown');
  }

  /** The same again and again, until its event is counted. */
  async function untilAnEventIsToldAgain(pipeline: MovingAverageInCluster): Promise<void> {
    await until(
      'an event is told again',
      async () => {
        for (const budget of await pipeline.objects(KINDS.PodDisruptionBudget))
          await removeObject(cluster.client, budget);
        await delay(1_000);
        return usedRights(proxy.seen).has('events.k8s.io events patch');
      },
      90_000,
    );
  }

  /** Both times have the same Kafka. */
  function named(name: string): string {
    return isHeld ? `${name}-held` : name;
  }
});

async function secretIn(namespace: string): Promise<void> {
  await cluster.client.send({
    method: 'POST',
    path: pathOf(KINDS.Secret, namespace),
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, stringData: { password: 'x' } },
  });
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
