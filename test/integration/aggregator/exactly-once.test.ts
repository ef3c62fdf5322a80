import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PREDECESSOR, tidemark } from '../../support/tidemark.ts';
import { createTopics, readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let instances: AggregatorProcess[] = [];
let started = 0;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis({ own: true })]);
});

afterEach(async () => {
  await Promise.all(instances.map((instance) => instance.end('SIGKILL')));
  instances = [];
});

afterAll(async () => {
  await Promise.all([kafka.stop(), redis.stop()]);
});

test("the predecessor's trades through three aggregators, one killed every few seconds: its 1,957 windows", async () => {
  const pipeline = await newPipeline('seed', 1, '{ size: 3s, slide: 1s }', '5s');
  start(pipeline, 3);
  const trades = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8').trimEnd().split('\n');
  const writing = writePaced(
    kafka.brokers,
    'seed',
    trades.map((value) => ({ key: 'key', value })),
    60,
  );
  await killUntil(writing, pipeline, 3_000);

  const rows = await resultsOf('seed', 1957);
  const expected = readFileSync(join(PREDECESSOR, 'flushed.csv'), 'utf8').trimEnd().split('\n').slice(1);
  const written = [...rows.values()].map((row) => JSON.parse(row) as Record<string, number | string>);
  const keys = written.map(({ start, end, stockName, minPrice, maxPrice, count }) =>
    [start, end, stockName, minPrice, maxPrice, count].join(','),
  );
  expect(keys.sort()).toEqual(expected.map(withoutAverage).sort());
  expect(rows).toEqual(expectedResults(await readTopic(kafka.brokers, 'seed'), WINDOWS, 5_000).results);
});

test('5,000 trades a second, four partitions, three aggregators, killed, frozen and without Redis: exact', async () => {
  const pipeline = await newPipeline('busy', 4, '{ size: 3s, slide: 1s }', '1s');
  start(pipeline, 3);
  const writing = writePaced(kafka.brokers, 'busy', liveTrades(150_000), 5_000);
  await faultsUntil(writing, pipeline);

  const input = await readTopic(kafka.brokers, 'busy');
  expect(input).toHaveLength(150_000);
  const { results, late } = expectedResults(input, WINDOWS, 1_000);
  const written = await resultsOf('busy', results.size);
  expect(written).toEqual(results);
  expect(await readTopic(kafka.brokers, 'busy_late')).toHaveLength(late);
});

test('a killed aggregator is evicted by a command, and one that ends in order leaves nothing to replay', async () => {
  const pipeline = await newPipeline('moved', 2, '{ size: 3s, slide: 1s }', '1s');
  start(pipeline, 2);
  const writing = writePaced(kafka.brokers, 'moved', liveTrades(10_000), 2_000);
  await until('both process', () => instances.every((instance) => instance.sawState('processing')));
  expect(await pageOf(instances[1], 'readyz')).toContain('"ready":true');
  expect(await pageOf(instances[1], 'metrics')).toMatch(
    /^tidemark_task_state\{partition="\d",state="processing"\} 1$/m,
  );
  const [killed, ending] = instances.splice(0);
  await killed.end('SIGKILL');
  const evict = ['evict', 'moved', killed.instance, '--brokers', kafka.brokers.join(','), '--json'];
  const evicted = JSON.parse((await tidemark(evict)).stdout) as { removed: string[] };
  expect(evicted.removed).toHaveLength(1);
  expect(JSON.parse((await tidemark(evict)).stdout)).toEqual({ removed: [] });

  await writing;
  start(pipeline, 1);
  expect(await ending.end('SIGTERM')).toBe(0);
  const input = await readTopic(kafka.brokers, 'moved');
  const { results } = expectedResults(input, WINDOWS, 1_000);
  expect(await resultsOf('moved', results.size)).toEqual(results);
  expect(instances[0].sawState('replaying')).toBe(false);
});

const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;

async function newPipeline(
  topic: string,
  partitions: number,
  window: string,
  watermarkDelay: string,
): Promise<string> {
  await createTopics(kafka.brokers, {
    [topic]: partitions,
    [`${topic}_averages`]: 4,
    [`${topic}_late`]: 1,
    [`${topic}_dead`]: 1,
  });
  const file = join(folder, `${topic}.yaml`);
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${topic} }
spec:
  input: { topic: ${topic}, priceDecimals: 2 }
  output: { topic: ${topic}_averages }
  late: { topic: ${topic}_late }
  deadLetters: { topic: ${topic}_dead }
  windows: [ ${window} ]
  watermark: { delay: ${watermarkDelay}, idleAfter: 3s }
`,
  );
  return file;
}

function start(pipeline: string, count: number): void {
  for (let i = 0; i < count; i++) {
    instances.push(new AggregatorProcess(pipeline, `pod-${++started}`, kafka.brokers, redis.url));
  }
}

/** While `writing` is under way, kills one after the other and starts another in its place. */
async function killUntil(writing: Promise<unknown>, pipeline: string, everyMs: number): Promise<void> {
  for (const over = ended(writing); !(await over(everyMs));) await replace(pipeline);
}

async function replace(pipeline: string): Promise<void> {
  await instances.shift()?.end('SIGKILL');
  start(pipeline, 1);
}

/** A fault every few seconds, each kind in turn. */
async function faultsUntil(writing: Promise<unknown>, pipeline: string): Promise<void> {
  const over = ended(writing);
  const faults = [
    () => replace(pipeline),
    () => zombie(pipeline),
    async () => {
      await redis.server?.kill();
      await redis.server?.start();
    },
    async () => {
      await instances.shift()?.end('SIGTERM');
      start(pipeline, 1);
    },
  ];
  for (let i = 0; !(await over(3_000)); i++) await faults[i % faults.length]();
}

/** Frozen for longer than the session time-out, while another takes over; then it wakes up and must not write. */
async function zombie(pipeline: string): Promise<void> {
  const frozen = instances.shift();
  frozen?.signal('SIGSTOP');
  start(pipeline, 1);
  await delay(8_000);
  frozen?.signal('SIGCONT');
  if (frozen !== undefined) instances.push(frozen);
}

/** Waits `ms`, or less if the work ends before; true once it has ended. */
function ended(work: Promise<unknown>): (ms: number) => Promise<boolean> {
  const done = work.then(() => true);
  return (ms) => Promise.race([done, delay(ms, false)]);
}

/** The results once there are `count`; fewer after a minute without a new one. */
async function resultsOf(topic: string, count: number): Promise<Map<string, string>> {
  let before = -1;
  for (let quietRounds = 0; quietRounds < 12;) {
    const total = await endOf(`${topic}_averages`);
    quietRounds = total === before ? quietRounds + 1 : 0;
    before = total;
    if (total >= count && quietRounds >= 2) {
      const results = writtenResults(await readTopic(kafka.brokers, `${topic}_averages`));
      if (results.size >= count) return results;
    }
    await delay(2_500);
  }
  return writtenResults(await readTopic(kafka.brokers, `${topic}_averages`));
}

async function endOf(topic: string): Promise<number> {
  const offsets = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

async function pageOf(instance: AggregatorProcess, page: string): Promise<string> {
  const port = /"port":(\d+)/.exec(instance.log)?.[1] ?? 'unknown';
  return (await fetch(`http://127.0.0.1:${port}/${page}`)).text();
}

function* liveTrades(count: number): Generator<{ key: string; value: string }> {
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const startMs = Date.now();
  for (let i = 0; i < count; i++) {
    const name = `S${Math.floor(random() * 40)}`;
    const lag = random() < 0.002 ? 5_000 : Math.floor(random() * 900);
    const price = (10 + random() * 900).toFixed(2);
    yield {
      key: name,
      value: `${name},BUY ,${price},${1 + (i % 900)},${startMs + Math.floor(i / 5) - lag},x`,
    };
  }
}

function withoutAverage(row: string): string {
  const fields = row.split(',');
  return [...fields.slice(0, 3), Number(fields[4]), Number(fields[5]), fields[6]].join(',');
}
