import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { registeredProvider } from '../../support/external-metrics.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { MovingAverageInCluster } from '../../support/moving-average.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { podsImage } from '../../support/pods-image.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { setUp } from '../../support/set-up.ts';
import { readTopic } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const CHART = fileURLToPath(new URL('../../../charts/tidemark/', import.meta.url));
const HELM = join(setUp('kubernetes-tools'), 'helm');
const RELEASE = 'tidemark-by-helm';

const cluster = kubeCluster({ 'pod-security.kubernetes.io/enforce': 'restricted' });
let kafka: KafkaCluster;
let redis: RedisServer;
let image: string;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  image = podsImage();
  [kafka, redis] = await Promise.all([startKafka({ host, own: true }), startRedis({ host, own: true })]);
});

afterAll(async () => {
  await helm('uninstall', RELEASE, '--ignore-not-found', '--wait');
  await Promise.all([kafka.stop(), redis.stop()]);
});

test('the chart is installed, upgraded under load and uninstalled, and no window is lost or double', async () => {
  // Other tests have installed the CRD already, by other means.
  const adopt = ['--take-ownership', '--force-conflicts'];
  await helm('install', RELEASE, CHART, ...adopt, '--wait', '--timeout', '90s', ...values());
  const pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, 'stocks');
  await pipeline.apply(spec());
  await pipeline.becomes('Progressing', 'RolledOut');
  const writing = writePaced(kafka.brokers, 'stocks', tradesFromNow(80_000, 2_000), 2_000);

  // Two operators that render pipelines differently run side by side meanwhile.
  const before = await generationOf(pipeline);
  const changed = ['--set', 'logLevel=debug', '--set', 'aggregators.resources.requests.cpu=60m'];
  await helm('upgrade', RELEASE, CHART, '--reuse-values', '--wait', '--timeout', '90s', ...changed);
  await until(
    "the new operator's rendering is applied",
    async () => (await cpuOf(pipeline)) === '60m',
    60_000,
  );
  await pipeline.becomes('Progressing', 'RolledOut', 120_000);
  expect(await generationOf(pipeline)).toBe(before + 1);

  await helm('uninstall', RELEASE, '--wait', '--timeout', '90s');
  expect(await operatorObjects()).toEqual([]);
  await until(
    'nobody is registered for external metrics',
    async () => (await registeredProvider(cluster.client)) === undefined,
    60_000,
  );
  // What runs goes on; so does a replacement of pods, which is the Deployment's.
  await until('two aggregators run', async () => (await pipeline.pods()).length === 2, 60_000);
  await writing;
  const { results } = expectedResults(
    await readTopic(kafka.brokers, 'stocks', 10_000),
    [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }],
    1_000,
  );
  const written = await until(
    'all windows are written',
    async () => {
      const topic = await readTopic(kafka.brokers, 'stocks_averages', 5_000);
      return topic.length >= results.size ? writtenResults(topic) : undefined;
    },
    60_000,
  );
  expect(written).toEqual(results);
  expect((await pipeline.read())?.metadata.name).toBe('stocks'); // and so does the CRD
});

function values(): string[] {
  return Object.entries({ image, logLevel: 'info', ...REQUESTS }).flatMap(([name, value]) => [
    '--set',
    `${name}=${value}`,
  ]);
}

/** Small, so that two operators, their successors and the pipeline find room on one small node. */
const REQUESTS = {
  'resources.requests.cpu': '10m',
  'resources.requests.memory': '64Mi',
  'aggregators.resources.requests.cpu': '50m',
  'aggregators.resources.requests.memory': '64Mi',
};

function spec(): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers.join(',') },
    redis: { url: redis.url },
    input: { topic: 'stocks', partitions: 4, priceDecimals: 2 },
    output: { topic: 'stocks_averages' },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: '1s', idleAfter: '3s' },
    replicas: 2,
  };
}

/** How often the spec of the aggregators' Deployment was changed. */
async function generationOf(pipeline: MovingAverageInCluster): Promise<number> {
  const [deployment] = await pipeline.objects(KINDS.Deployment);
  return deployment.metadata.generation ?? 0;
}

async function cpuOf(pipeline: MovingAverageInCluster): Promise<string | undefined> {
  const [deployment] = await pipeline.objects(KINDS.Deployment);
  const { template } = deployment.spec as {
    template: { spec: { containers: { resources?: { requests?: { cpu?: string } } }[] } };
  };
  return template.spec.containers[0].resources?.requests?.cpu;
}

/** What is left of the operator, in its namespace and outside of it. */
async function operatorObjects(): Promise<string[]> {
  const paths = [
    pathOf(KINDS.Deployment, cluster.namespace),
    pathOf(KINDS.ServiceAccount, cluster.namespace),
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  ];
  const lists = await Promise.all(paths.map((path) => cluster.client.send({ method: 'GET', path })));
  return (lists as { items: KubeObject[] }[])
    .flatMap(({ items }) => items)
    .filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === RELEASE)
    .map(({ metadata }) => metadata.name);
}

async function helm(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(HELM, [...args, '--namespace', cluster.namespace]);
  return stdout;
}
