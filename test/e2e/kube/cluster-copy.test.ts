import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ApiClient } from '../../../src/kube/api-client.ts';
import { ClusterCopy } from '../../../src/kube/cluster-copy.ts';
import { keyOf } from '../../../src/operator/kube-object.ts';
import { ApiProxy } from '../../support/api-proxy.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject, configMap } from '../../support/kube-objects.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { until } from '../../support/until.ts';

const LABEL = 'tidemark.dev/pipeline';
const cluster = kubeCluster();
let proxy: ApiProxy;
let client: ApiClient;
let ending: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  await installCrd(cluster.client);
});

beforeEach(async () => {
  proxy = await ApiProxy.start(cluster.connection);
  client = new ApiClient(proxy.connection);
  ending = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort();
  await running;
  client.close();
  await proxy.close();
});

test('of several namespaces it has what is in these, and asks for nothing of any other', async () => {
  const [one, two, other] = [cluster.namespace, await cluster.another(), await cluster.another()];
  for (const namespace of [one, two, other]) await pipelineIn(namespace);
  const { copy } = start([one, two]);
  expect(await copy.synced(ending.signal)).toBe(true);
  expect([...copy.resources()].map(keyOf).sort()).toEqual([`${one}/stocks`, `${two}/stocks`].sort());
  expect(copy.objects(two, 'stocks')).toHaveLength(1);
  expect(copy.objects(other, 'stocks')).toEqual([]);
  expect(copy.resource(`${other}/stocks`)).toBeUndefined();
  const places = new Set(proxy.seen.map(({ path }) => /\/namespaces\/([^/]+)\//.exec(path)?.[1]));
  expect(places).toEqual(new Set([one, two]));
});

test('one that may not be read holds up no other, and is told of whole once it may be', async () => {
  const [open, shut] = [await cluster.another(), await cluster.another()];
  for (const namespace of [open, shut]) await pipelineIn(namespace);
  proxy.fault = ({ path }) => (path.includes(`/namespaces/${shut}/`) ? { answer: 403 } : undefined);
  const { copy, told } = start([open, shut]);
  expect(await copy.synced(ending.signal)).toBe(true);
  expect(told).toEqual([`ConfigMap ${open}/file`, `MovingAverage ${open}/stocks`]);
  expect(copy.obstacles).toContainEqual({
    part: 'kubernetes',
    reason: `configmaps of the namespace ${shut} may not be listed`,
    degrades: true,
  });
  expect(copy.obstacles.filter(({ degrades }) => degrades !== true)).toEqual([]);

  // Pipelines without their objects would look as if someone had deleted these.
  proxy.fault = ({ path }) => (path.endsWith(`/namespaces/${shut}/configmaps`) ? { answer: 403 } : undefined);
  await until('all but one kind is listed', () => copy.obstacles.length === 1, 30_000);
  expect(copy.resource(`${shut}/stocks`)).toBeUndefined();
  expect(told).toHaveLength(2);

  proxy.fault = () => undefined;
  await until('nothing is in the way', () => copy.obstacles.length === 0, 30_000);
  expect(copy.resource(`${shut}/stocks`)).toBeDefined();
  expect(told).toEqual(
    [open, shut]
      .flatMap((namespace) => [`ConfigMap ${namespace}/file`, `MovingAverage ${namespace}/stocks`])
      .sort(),
  );
});

test('what may be read no more stays as it was last seen, and health says so', async () => {
  await pipelineIn(cluster.namespace);
  const { copy } = start([cluster.namespace]);
  expect(await copy.synced(ending.signal)).toBe(true);
  expect(copy.obstacles).toEqual([]);
  proxy.fault = ({ path }) => (path.endsWith('/pods') ? { answer: 403 } : undefined);
  proxy.dropWatches();
  await until('pods are refused', () => copy.obstacles.length > 0);
  expect(copy.obstacles).toEqual([
    {
      part: 'kubernetes',
      reason: `pods of the namespace ${cluster.namespace} may not be listed`,
      degrades: true,
    },
  ]);
  expect(copy.resource(`${cluster.namespace}/stocks`)).toBeDefined();
  proxy.fault = () => undefined;
  await until('nothing is in the way', () => copy.obstacles.length === 0, 30_000);
});

test('where none may be read there is nothing to begin with', async () => {
  proxy.fault = () => ({ answer: 403 });
  const { copy } = start([cluster.namespace]);
  const synced = copy.synced(ending.signal);
  await until('it was refused', () =>
    copy.obstacles.some(({ reason }) => reason.includes('may not be listed')),
  );
  expect(copy.obstacles.filter(({ degrades }) => degrades === true)).toEqual([]);
  ending.abort();
  expect(await synced).toBe(false);
});

function start(namespaces: readonly string[]) {
  const told: string[] = [];
  const copy = new ClusterCopy(client, {
    namespaces,
    pipelineLabel: LABEL,
    metricsService: undefined,
    logger: new KeptLog(),
    random: Math.random,
  });
  copy.listen((object) => {
    told.push(`${object.kind} ${keyOf(object)}`);
    told.sort();
  });
  running = copy.run(ending.signal);
  return { copy, told };
}

/** With a file of it; no operator runs here. */
async function pipelineIn(namespace: string): Promise<void> {
  await new MovingAverageInCluster(cluster.client, namespace, 'stocks').apply({
    kafka: { bootstrapServers: ['127.0.0.1:9'] },
    input: { topic: 'stocks', partitions: 1 },
    output: { topic: 'averages' },
    windows: [{ size: '3s' }],
  });
  const file = configMap(namespace, 'file', {});
  await applyObject(cluster.client, {
    ...file,
    metadata: { ...file.metadata, labels: { [LABEL]: 'stocks' } },
  });
}
