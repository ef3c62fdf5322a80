import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KINDS } from '../../../src/kube/kinds.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { removeObject } from '../../support/kube-objects.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { killProcessOf } from '../../support/pod-process.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { podsImage } from '../../support/pods-image.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { PREDECESSOR } from '../../support/tidemark.ts';
import { readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
let image: string;
let kafka: KafkaCluster;
let redis: RedisServer;
let operator: OperatorProcess;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host = '127.0.0.1', KUBECONFIG = '' } = process.env;
  image = podsImage();
  await installCrd(cluster.client);
  [kafka, redis] = await Promise.all([startKafka({ host, own: true }), startRedis({ host, own: true })]);
  operator = new OperatorProcess({
    namespace: cluster.namespace,
    kubeconfig: KUBECONFIG,
    instance: 'e2e',
    image,
  });
});

afterAll(async () => {
  await operator.end();
  await Promise.all([kafka.stop(), redis.stop()]);
});

const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;

test("a pipeline that is applied gets its topics and pods, and computes the predecessor's 1,957 windows", async () => {
  const pipeline = inCluster('seed');
  await pipeline.apply(
    spec('seed', {
      input: { topic: 'seed', partitions: 1, priceDecimals: 2 },
      watermark: { delay: '5s', idleAfter: '3s' },
    }),
  );
  await pipeline.becomes('Ready', 'True');
  const trades = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8').trimEnd().split('\n');
  await writePaced(
    kafka.brokers,
    'seed',
    trades.map((value) => ({ key: 'key', value })),
    5_000,
  );
  const expected = expectedResults(await inputOf('seed'), WINDOWS, 5_000).results;
  expect(expected.size).toBe(1957);
  expect(await resultsOf('seed', expected.size)).toEqual(expected);
  await pipeline.tells('TopicCreated');
  await pipeline.tells('Created');
  await until('lag and delay are told', async () => {
    const { lag, watermarkDelay } = ((await pipeline.read())?.status ?? {}) as {
      lag?: number;
      watermarkDelay?: string;
    };
    return lag === 0 && watermarkDelay !== undefined;
  });
  await pipeline.remove();
});

test('pods that are deleted by force or whose process is killed lose nothing, and a dead one is evicted', async () => {
  const pipeline = inCluster('busy');
  await pipeline.apply(spec('busy', { replicas: 3 }));
  await pipeline.becomes('Progressing', 'RolledOut');
  const writing = writePaced(kafka.brokers, 'busy', tradesFromNow(40_000, 2_000), 2_000);
  for (const end of ['deleted', 'killed', 'deleted'] as const) {
    await delay(4_000);
    const [oldest] = (await pipeline.pods()).toSorted((a, b) => bornMs(a) - bornMs(b));
    if (end === 'deleted') await removeObject(cluster.client, oldest, { gracePeriodSeconds: 0 });
    else killProcessOf(oldest.metadata.name);
  }
  await writing;
  await expectExact('busy');
  await pipeline.tells('MemberEvicted');
  await pipeline.becomes('Progressing', 'RolledOut');
  await pipeline.remove();
});

test('a pipeline that is edited rolls without a lost, double or wrong window', async () => {
  const pipeline = inCluster('edited');
  const before = spec('edited', { replicas: 2 });
  await pipeline.apply(before);
  await pipeline.becomes('Progressing', 'RolledOut');
  const writing = writePaced(kafka.brokers, 'edited', tradesFromNow(60_000, 2_000), 2_000);
  await delay(6_000);
  await pipeline.apply({ ...before, windows: [...before.windows, { size: '10s', slide: '2s' }] });
  await pipeline.becomes('Progressing', 'RolledOut');
  await delay(3_000);
  await pipeline.apply({
    ...before,
    windows: [...before.windows, { size: '10s', slide: '2s' }],
    replicas: 3,
    resources: { requests: { cpu: '30m', memory: '64Mi' } },
  });
  await writing;

  const input = await inputOf('edited');
  const old = expectedResults(input, WINDOWS, 1_000).results;
  const all = expectedResults(
    input,
    [...WINDOWS, { kind: 'time', sizeMs: 10_000, slideMs: 2_000 }],
    1_000,
  ).results;
  const written = await resultsOf('edited', old.size + 1);
  const names = [...written.keys()];
  const wrong = names.filter((name) => written.get(name) !== all.get(name));
  const lost = [...old.keys()].filter((name) => !written.has(name));
  expect({ wrong, lost }).toEqual({ wrong: [], lost: [] });

  // A partition knows the added window from the moment on at which its new owner took it over: then all of them.
  const partitions = new Map(input.map(({ key, partition }) => [key, partition]));
  const added = (of: Iterable<string>) => [...of].filter((name) => !old.has(name));
  for (const partition of new Set(partitions.values())) {
    const isHere = (name: string) => partitions.get(name.slice(name.indexOf(' ') + 1)) === partition;
    const firstEnd = Math.min(...added(names).filter(isHere).map(endOf));
    const due = added(all.keys()).filter((name) => isHere(name) && endOf(name) >= firstEnd);
    expect(due.length).toBeGreaterThan(0);
    expect(due.filter((name) => !written.has(name))).toEqual([]);
  }
  await pipeline.remove();
});

test('a pipeline that is deleted leaves nothing but its topics; with deletionPolicy Delete, not even those', async () => {
  const kept = inCluster('kept');
  const cleared = inCluster('cleared');
  await Promise.all([kept.apply(spec('kept')), cleared.apply(spec('cleared', { deletionPolicy: 'Delete' }))]);
  await Promise.all([kept.becomes('Ready', 'True'), cleared.becomes('Ready', 'True')]);
  await Promise.all([kept.remove(), cleared.remove()]);
  for (const pipeline of [kept, cleared]) {
    await until(`${pipeline.name} is gone`, async () => (await pipeline.read()) === undefined, 90_000);
    const kinds = [
      KINDS.Deployment,
      KINDS.ConfigMap,
      KINDS.PodDisruptionBudget,
      KINDS.NetworkPolicy,
      KINDS.ServiceAccount,
      KINDS.Pod,
    ];
    for (const kind of kinds) {
      await until(
        `${kind.plural} of ${pipeline.name} are gone`,
        async () => (await pipeline.objects(kind)).length === 0,
        90_000,
      );
    }
  }
  const topics = await withAdmin(kafka.brokers, (admin) => admin.listTopics());
  expect(topics).toEqual(expect.arrayContaining(['kept', 'kept_averages', 'kept_late', 'kept_dead']));
  expect(topics.filter((name) => name.startsWith('cleared'))).toEqual([]);
});

function inCluster(name: string): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, name);
}

function spec(topic: string, more: Partial<SpecInput> = {}): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers.join(',') },
    redis: { url: redis.url },
    input: { topic, partitions: 4, priceDecimals: 2 },
    output: { topic: `${topic}_averages` },
    late: { topic: `${topic}_late` },
    deadLetters: { topic: `${topic}_dead` },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: '1s', idleAfter: '3s' },
    ...more,
  };
}

async function expectExact(topic: string): Promise<void> {
  const input = await inputOf(topic);
  const { results, late } = expectedResults(input, WINDOWS, 1_000);
  expect(await resultsOf(topic, results.size)).toEqual(results);
  expect(await readTopic(kafka.brokers, `${topic}_late`, 10_000)).toHaveLength(late.size);
}

/** Everything that was written; on a busy machine the reader takes long to begin. */
function inputOf(topic: string) {
  return readTopic(kafka.brokers, topic, 10_000);
}

/** The results once there are `count` and no more come; what there is after a minute without a new one. */
async function resultsOf(topic: string, count: number): Promise<Map<string, string>> {
  let before = -1;
  for (let quietRounds = 0; quietRounds < 24;) {
    const offsets = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(`${topic}_averages`));
    const total = offsets.reduce((sum, { high }) => sum + Number(high), 0);
    quietRounds = total === before ? quietRounds + 1 : 0;
    before = total;
    if (total >= count && quietRounds >= 4) break;
    await delay(2_500);
  }
  return writtenResults(await readTopic(kafka.brokers, `${topic}_averages`, 10_000));
}

function bornMs({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}

function endOf(name: string): number {
  return Number(/-(\d+) /.exec(name)?.[1]);
}
