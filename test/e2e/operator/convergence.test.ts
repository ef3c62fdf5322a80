import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import { without, type KubeObject } from '../../../src/operator/kube-object.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { ApiProxy } from '../../support/api-proxy.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject, readObject, removeObject } from '../../support/kube-objects.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { installKafkaTopicCrd, StrimziController } from '../../support/strimzi-controller.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

// Pipelines here have no pods (replicas: 0): what is tested is what the operator makes of them, on any API server.
const cluster = kubeCluster();
const folder = temporaryFolder();
let kafka: KafkaCluster;
let operators: OperatorProcess[] = [];
let proxies: ApiProxy[] = [];
let number = 0;

beforeAll(async () => {
  await installCrd(cluster.client);
  await installKafkaTopicCrd(cluster.client);
  kafka = await startKafka({ own: true });
});

afterEach(async () => {
  await Promise.all(operators.map((operator) => operator.end()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  operators = [];
  proxies = [];
});

afterAll(async () => {
  await kafka.stop();
});

test('what another changes or deletes is put right', async () => {
  start();
  const pipeline = await settled(spec());
  const [deployment] = await pipeline.objects(KINDS.Deployment);
  await applyObject(cluster.client, { ...named(deployment), spec: { replicas: 7 } });
  await until(
    'the replicas are as the spec says',
    async () => replicasOf((await pipeline.objects(KINDS.Deployment))[0]) === 0,
  );
  const [budget] = await pipeline.objects(KINDS.PodDisruptionBudget);
  await removeObject(cluster.client, budget);
  await until('the disruption budget is there again', async () => {
    const [again] = (await pipeline.objects(KINDS.PodDisruptionBudget)) as (KubeObject | undefined)[];
    return again !== undefined && again.metadata.uid !== budget.metadata.uid;
  });
  expect((await pipeline.condition('Degraded'))?.status).toBe('False');
});

test('an autoscaler comes with spec.scaling and goes with it, and the number of replicas is kept', async () => {
  start();
  const pipeline = await settled(spec());
  const unscaled = without(spec(pipelineTopics(pipeline.name)), ['replicas']);
  await pipeline.apply({ ...unscaled, scaling: { minReplicas: 2, maxReplicas: 2 } });
  await until(
    'there is an autoscaler',
    async () => (await pipeline.objects(KINDS.HorizontalPodAutoscaler)).length === 1,
  );
  await until(
    'its minimum runs',
    async () => replicasOf((await pipeline.objects(KINDS.Deployment))[0]) === 2,
  );
  await pipeline.apply({ ...unscaled, replicas: 0 });
  await until(
    'there is none',
    async () => (await pipeline.objects(KINDS.HorizontalPodAutoscaler)).length === 0,
  );
  await until('none is to run', async () => replicasOf((await pipeline.objects(KINDS.Deployment))[0]) === 0);
  expect(await pipeline.tells('Removed')).toMatch(/HorizontalPodAutoscaler/);
});

test('a resource that the CRD lets through with mistakes is Degraded, and says which', async () => {
  start();
  const pipeline = inCluster();
  await pipeline.apply(
    spec({ ...pipelineTopics(pipeline.name), windows: [{ size: '86400s', slide: '1ms' }] }),
  );
  const degraded = await pipeline.becomes('Degraded', 'InvalidSpec');
  expect(degraded.message).toMatch(/spec\.windows: .*choose ones that divide by/);
  await pipeline.apply(spec(pipelineTopics(pipeline.name)));
  await pipeline.becomes('Degraded', 'False');
});

test('what the API server refuses is told in its words, and put right with the spec', async () => {
  start();
  const pipeline = await settled(spec());
  const more = spec(pipelineTopics(pipeline.name));
  await pipeline.apply({ ...more, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } });
  const { message } = await pipeline.becomes('Degraded', 'RefusedByServer');
  expect(message).toContain('must be less than or equal to cpu limit');
  await pipeline.tells('RefusedByServer');
  await pipeline.apply({ ...more, resources: { requests: { cpu: '20m' } } });
  await pipeline.becomes('Degraded', 'AsExpected');
  const [deployment] = await pipeline.objects(KINDS.Deployment);
  expect(deployment.spec).toMatchObject({
    template: { spec: { containers: [{ resources: { requests: { cpu: '20m' } } }] } },
  });
});

test('more partitions for an input with trades are refused with words, and made when a person allows it', async () => {
  start();
  const pipeline = await settled(spec());
  const { name } = pipeline;
  await writePaced(kafka.brokers, name, tradesFromNow(100, 1_000), 1_000);
  const grown = spec({ ...pipelineTopics(name), input: { topic: name, partitions: 4 } });
  await pipeline.apply(grown);
  const refused = await pipeline.becomes('TopicsReady', 'PartitionGrowthMovesKeys');
  expect(refused.message).toContain(`${name} keeps its 2 partitions`);
  expect(await partitionsOf(name)).toBe(2);
  await pipeline.apply(grown, { 'tidemark.dev/partition-growth': 'allow' });
  await pipeline.becomes('TopicsReady', 'True');
  expect(await partitionsOf(name)).toBe(4);
});

test('brokers that do not answer are a condition, and the pipeline goes on when they do', async () => {
  start();
  const pipeline = inCluster();
  const lost = spec({ ...pipelineTopics(pipeline.name), kafka: { bootstrapServers: ['127.0.0.1:9'] } });
  await pipeline.apply(lost);
  const unreachable = await pipeline.becomes('TopicsReady', 'KafkaUnreachable');
  expect(unreachable.message).toContain('See whether the brokers run');
  await pipeline.apply(spec(pipelineTopics(pipeline.name)));
  await pipeline.becomes('TopicsReady', 'True');
});

test('topics of a Strimzi cluster are KafkaTopics, which outlive the pipeline', async () => {
  start();
  const strimzi = new StrimziController(cluster.client, cluster.namespace, kafka.brokers);
  const pipeline = inCluster();
  const { name } = pipeline;
  await pipeline.apply(spec({ ...pipelineTopics(name), kafka: { cluster: 'my-cluster' } }));
  await pipeline.becomes('TopicsReady', 'True');
  expect(await partitionsOf(name)).toBe(2);
  await pipeline.becomes('Progressing', 'RolledOut');
  await pipeline.remove();
  await until(
    'the Deployment is gone',
    async () => (await pipeline.objects(KINDS.Deployment)).length === 0,
    60_000,
  );
  const topics = await pipeline.objects(KINDS.KafkaTopic);
  expect(topics.map(({ metadata }) => metadata.name).sort()).toEqual([name, `${name}-averages`]);
  await strimzi.stop();
});

test("a KafkaTopic that is another's is used as it is", async () => {
  start();
  const strimzi = new StrimziController(cluster.client, cluster.namespace, kafka.brokers);
  const pipeline = inCluster();
  const { name } = pipeline;
  const theirs = await applyObject(cluster.client, {
    apiVersion: KINDS.KafkaTopic.apiVersion,
    kind: KINDS.KafkaTopic.kind,
    metadata: {
      name: `theirs-${name}`,
      namespace: cluster.namespace,
      labels: { 'strimzi.io/cluster': 'my-cluster' },
    },
    spec: { topicName: name, partitions: 3 },
  });
  await pipeline.apply(spec({ ...pipelineTopics(name), kafka: { cluster: 'my-cluster' } }));
  await pipeline.becomes('TopicsReady', 'True');
  expect((await pipeline.objects(KINDS.KafkaTopic)).map(({ metadata }) => metadata.name)).toEqual([
    `${name}-averages`,
  ]);
  const after = await readObject(cluster.client, KINDS.KafkaTopic, cluster.namespace, theirs.metadata.name);
  expect(after?.spec).toEqual(theirs.spec);
  await strimzi.stop();
});

test('without the CRDs of Strimzi a pipeline says what to install, and others are made all the same', async () => {
  const proxy = await proxied();
  proxy.fault = ({ path }) => (path.includes('/kafka.strimzi.io/') ? { answer: 404 } : undefined);
  start(proxy);
  const waiting = inCluster();
  await waiting.apply(spec({ ...pipelineTopics(waiting.name), kafka: { cluster: 'my-cluster' } }));
  const missing = await waiting.becomes('TopicsReady', 'StrimziMissing');
  expect(missing.message).toContain('install Strimzi 1.0 or newer');
  await settled(spec());
});

test('an operator that is killed after any of its writes is gone on with by the next', async () => {
  for (let writes = 1; writes <= 10; writes++) {
    const proxy = await proxied();
    const operator = start(proxy);
    const pipeline = inCluster();
    await pipeline.apply(spec(pipelineTopics(pipeline.name)));
    await until('it has written so often', () => writesOf(proxy) >= writes);
    await operator.end('SIGKILL');
    await giveUpLease();
    const next = start();
    await pipeline.becomes('Progressing', 'RolledOut');
    const topics = await withAdmin(kafka.brokers, (admin) => admin.listTopics());
    expect(topics).toEqual(expect.arrayContaining([pipeline.name, `${pipeline.name}_averages`]));
    await pipeline.remove();
    await next.end();
  }
});

function start(proxy?: ApiProxy): OperatorProcess {
  const kubeconfig = proxy?.writeKubeconfig(`${folder}/${++number}.json`) ?? process.env.KUBECONFIG ?? '';
  const { namespace } = cluster;
  const operator = new OperatorProcess({
    namespace,
    kubeconfig,
    instance: `operator-${++number}`,
    image: 'tidemark:none',
  });
  operators.push(operator);
  return operator;
}

async function proxied(): Promise<ApiProxy> {
  const proxy = await ApiProxy.start(cluster.connection);
  proxies.push(proxy);
  return proxy;
}

function inCluster(): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, `trades-${++number}`);
}

/** A pipeline of which all that is asked for is there. */
async function settled(wanted: SpecInput): Promise<MovingAverageInCluster> {
  const pipeline = inCluster();
  await pipeline.apply({ ...wanted, ...pipelineTopics(pipeline.name) });
  await pipeline.becomes('Progressing', 'RolledOut');
  return pipeline;
}

function pipelineTopics(name: string): Pick<SpecInput, 'input' | 'output'> {
  return { input: { topic: name, partitions: 2 }, output: { topic: `${name}_averages` } };
}

function spec(more: Partial<SpecInput> = {}): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers },
    windows: [{ size: '3s', slide: '1s' }],
    replicas: 0,
    ...more,
  };
}

/** Writes to what belongs to pipelines: not the lease. */
function writesOf(proxy: ApiProxy): number {
  return proxy.writes.filter(({ path }) => !path.includes('/leases')).length;
}

/** What a lease that has run out comes to, without the wait. */
async function giveUpLease(): Promise<void> {
  await cluster.client.send({
    method: 'DELETE',
    path: pathOf(KINDS.Lease, cluster.namespace, 'tidemark-operator'),
  });
}

function named({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace = '' } = metadata;
  return { apiVersion, kind, metadata: { name, namespace } };
}

function replicasOf(deployment: KubeObject): number | undefined {
  return (deployment.spec as { replicas?: number }).replicas;
}

async function partitionsOf(topic: string): Promise<number> {
  const offsets = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.length;
}
