import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { ApiProxy, type Fault, type ProxiedRequest } from '../../support/api-proxy.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
const folder = temporaryFolder();
let kafka: KafkaCluster;
let operators: Proxied[] = [];
let number = 0;

/** An operator behind a proxy of its own, which sees all that it writes. */
interface Proxied {
  readonly operator: OperatorProcess;
  readonly proxy: ApiProxy;
}

beforeAll(async () => {
  await installCrd(cluster.client);
  kafka = await startKafka({ own: true });
});

beforeEach(async () => {
  const leases = pathOf(KINDS.Lease, cluster.namespace);
  const { items } = (await cluster.client.send({ method: 'GET', path: leases })) as {
    items: { metadata: { name: string } }[];
  };
  for (const { metadata } of items)
    await cluster.client.send({ method: 'DELETE', path: `${leases}/${metadata.name}` });
});

afterEach(async () => {
  await Promise.all(operators.map(({ operator }) => operator.end('SIGKILL')));
  await Promise.all(operators.map(({ proxy }) => proxy.close()));
  operators = [];
});

afterAll(async () => {
  await kafka.stop();
});

const faults: Record<string, (request: ProxiedRequest, index: number) => Fault | undefined> = {
  'every third write conflicts (409)': ({ method }, index) =>
    method !== 'GET' && index % 3 === 0 ? { answer: 409 } : undefined,
  'watches are too old as soon as they begin (410)': ({ isWatch }, index) =>
    isWatch && index % 2 === 0 ? { answer: 410 } : undefined,
  'every other request comes too soon (429)': (_request, index) =>
    index % 2 === 0 ? { answer: 429, retryAfterS: 1 } : undefined,
  'every third request fails (500)': (_request, index) => (index % 3 === 0 ? { answer: 500 } : undefined),
  'connections are reset': (_request, index) => (index % 4 === 0 ? 'reset' : undefined),
  'answers to writes are lost': ({ method }, index) =>
    method !== 'GET' && index % 3 === 0 ? 'lose answer' : undefined,
};

test.each(Object.keys(faults))('where %s, pipelines are made and kept all the same', async (name) => {
  const { proxy } = await start();
  let index = 0;
  proxy.fault = (request) => (request.path.includes('/leases/') ? undefined : faults[name](request, index++));
  const pipeline = inCluster();
  await pipeline.apply(spec(pipeline.name));
  await pipeline.becomes('Progressing', 'RolledOut', 90_000);
  const [budget] = await pipeline.objects(KINDS.PodDisruptionBudget);
  proxy.dropWatches();
  await removeObject(cluster.client, budget);
  expect(index).toBeGreaterThan(0);
  await until(
    'what was deleted is there again',
    async () => (await pipeline.objects(KINDS.PodDisruptionBudget)).length === 1,
    60_000,
  );
});

test('an API server that stalls for a while is waited for', async () => {
  const { proxy, operator } = await start();
  const first = inCluster();
  await first.apply(spec(first.name));
  await first.becomes('Progressing', 'RolledOut');
  proxy.fault = () => 'stall';
  proxy.muteWatches();
  await until('it has stopped leading', () => !operator.leads);
  const second = inCluster();
  await second.apply(spec(second.name));
  proxy.fault = () => undefined;
  proxy.dropWatches();
  await second.becomes('Progressing', 'RolledOut', 120_000);
  expect(operator.hasEnded).toBe(false);
});

test('of two operators one writes; when it hangs the other does, and the first writes no more when it wakes up', async () => {
  const first = await start();
  await until('the first leads', () => first.operator.leads);
  const second = await start();
  const before = inCluster();
  await before.apply(spec(before.name));
  await before.becomes('Progressing', 'RolledOut');
  expect(writesOf(second)).toEqual([]);

  first.operator.signal('SIGSTOP');
  const pipeline = inCluster();
  await pipeline.apply(spec(pipeline.name));
  await until('the second leads', () => second.operator.leads);
  await pipeline.becomes('Progressing', 'RolledOut');
  const wokenMs = performance.now();
  first.operator.signal('SIGCONT');
  await pipeline.apply({ ...spec(pipeline.name), windows: [{ size: '4s' }] });
  await until('the first has noticed', () => !first.operator.leads);
  await pipeline.becomes('Progressing', 'RolledOut');
  await delay(3_000);
  expect(writesOf(first).filter(({ atMs }) => atMs >= wokenMs)).toEqual([]);
  expect(overlap(writesOf(first), writesOf(second))).toBe(false);
});

test('an operator that is cut off from the API server writes no more once another may lead', async () => {
  const first = await start();
  await until('the first leads', () => first.operator.leads);
  const second = await start();
  first.proxy.fault = ({ path }) => (path.includes('/leases/') ? 'stall' : undefined); // its other requests go through
  const pipelines = Array.from({ length: 40 }, inCluster);
  const applying = (async () => {
    for (const pipeline of pipelines) {
      await pipeline.apply(spec(pipeline.name));
      await delay(500);
    }
  })();
  await until('the second leads', () => second.operator.leads, 60_000);
  await applying;
  await pipelines[39].becomes('Progressing', 'RolledOut', 90_000);
  expect(writesOf(first).length).toBeGreaterThan(0);
  expect(writesOf(second).length).toBeGreaterThan(0);
  expect(overlap(writesOf(first), writesOf(second))).toBe(false);
});

test('of two operators the one that ends gives its place up at once', async () => {
  const first = await start();
  await until('the first leads', () => first.operator.leads);
  const second = await start();
  await until('the second waits', () => second.operator.port !== undefined);
  expect(await first.operator.end('SIGTERM')).toBe(0);
  await until('the second leads', () => second.operator.leads, 8_000);
  const pipeline = inCluster();
  await pipeline.apply(spec(pipeline.name));
  await pipeline.becomes('Progressing', 'RolledOut');
});

async function start(): Promise<Proxied> {
  const proxy = await ApiProxy.start(cluster.connection);
  const kubeconfig = proxy.writeKubeconfig(`${folder}/${++number}.json`);
  const { namespace } = cluster;
  const operator = new OperatorProcess({
    namespace,
    kubeconfig,
    instance: `operator-${number}`,
    image: 'tidemark:none',
  });
  operators.push({ operator, proxy });
  return { operator, proxy };
}

/** What the operator wrote, but for the lease, and the API server got. */
function writesOf({ proxy }: Proxied) {
  return proxy.writes.filter(({ path }) => !path.includes('/leases'));
}

/** Whether one began to write before the other had ended. */
function overlap(first: ReturnType<typeof writesOf>, second: ReturnType<typeof writesOf>): boolean {
  const lastEndMs = Math.max(...first.map(({ atMs, endedMs = Infinity }) => Math.max(atMs, endedMs)));
  return second.some(({ atMs }) => atMs < lastEndMs);
}

function inCluster(): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, `faulty-${++number}`);
}

function spec(name: string): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers },
    input: { topic: name, partitions: 1 },
    output: { topic: `${name}_averages` },
    windows: [{ size: '3s', slide: '1s' }],
    replicas: 0,
  };
}
