import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Cluster, Redis } from 'ioredis';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { tradesInOrder } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startRedisCluster } from '../../support/redis-cluster.ts';
import { startSentinelRedis } from '../../support/redis-sentinel.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createTopics, readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
const release: (() => unknown)[] = [];
const running: AggregatorProcess[] = [];
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
  for (const undo of release.splice(0).reverse()) await undo();
});

afterAll(() => kafka.stop());

test('Redis with Sentinels: after a fail-over checkpoints go on at the new primary; exact', async () => {
  const redis = await startSentinelRedis();
  release.push(() => redis.stop());
  const client = redis.primary();
  release.push(() => {
    client.disconnect();
  });
  const where = `sentinel: { master: ${redis.master}, addresses: [${quoted(redis.addresses)}] }`;
  await expectToGoOnAfterFailOver('sentinel', where, client, () => redis.failOver());
});

test('a Redis Cluster: after a fail-over checkpoints go on at the new master; exact', async () => {
  const redis = await startRedisCluster();
  release.push(() => redis.stop());
  const client = redis.client();
  release.push(() => {
    client.disconnect();
  });
  const where = `cluster: [${quoted(redis.addresses)}]`;
  await expectToGoOnAfterFailOver('cluster', where, client, () => redis.failOver(headOf('cluster', 0)));
});

/** Trades come in all the time. The server is killed, and then the aggregator, whose successor loads what was saved since. */
async function expectToGoOnAfterFailOver(
  name: string,
  where: string,
  client: Redis | Cluster,
  failOver: () => Promise<void>,
): Promise<void> {
  await createTopics(kafka.brokers, { [name]: 2, [`${name}_averages`]: 1 });
  const file = pipeline(name, where);
  start(file);
  const writing = writePaced(kafka.brokers, name, tradesInOrder(24_000, 1), 1_000);
  await until('a checkpoint was saved', async () => (await savedOffset(client, name)) > 0, 60_000);

  await failOver();
  const [offsetThen, endThen] = [await savedOffset(client, name), await endOf(name)];
  await until('one was saved since', async () => (await savedOffset(client, name)) > offsetThen, 60_000);
  expect(endThen).toBeGreaterThan(0);

  await running[0].end('SIGKILL');
  running.shift();
  const successor = start(file);
  await writing;
  await until('the successor processes', () => successor.sawState('processing'), 60_000);
  const input = await until(
    'the input can be read whole',
    async () => {
      const records = await readTopic(kafka.brokers, name, 8_000);
      return records.length === 24_000 && records;
    },
    90_000,
  );
  const { results } = expectedResults(input, [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }], 1_000);
  const written = await until(
    'all results are there',
    async () => {
      const found = writtenResults(await readTopic(kafka.brokers, `${name}_averages`, 4_000));
      return found.size >= results.size && found;
    },
    90_000,
  );
  expect(written).toEqual(results);
  expect(await successor.end('SIGTERM')).toBe(0);
}

function headOf(name: string, partition: number): string {
  return `tidemark:{${name}/${partition}}:head`;
}

/** Of partition 0; 0 where there is none, or Redis does not answer. */
async function savedOffset(client: Redis | Cluster, name: string): Promise<number> {
  return Number((await client.hget(headOf(name, 0), 'offset').catch(() => null)) ?? 0);
}

async function endOf(topic: string): Promise<number> {
  const offsets = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

function start(file: string): AggregatorProcess {
  const aggregator = new AggregatorProcess(file, `pod-${running.length}`, kafka.brokers);
  running.push(aggregator);
  return aggregator;
}

function quoted(addresses: readonly string[]): string {
  return addresses.map((address) => `"${address}"`).join(', ');
}

function pipeline(name: string, where: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${name} }
spec:
  redis: { ${where} }
  input: { topic: ${name}, priceDecimals: 2 }
  output: { topic: ${name}_averages }
  windows: [ { size: 3s, slide: 1s } ]
  watermark: { delay: 1s, idleAfter: 3s }
`,
  );
  return file;
}
