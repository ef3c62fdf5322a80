import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { Fleet } from '../../support/fleet.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { ResultWatch } from '../../support/result-watch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PREDECESSOR } from '../../support/tidemark.ts';
import { readTopic } from '../../support/topics.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let fleet: Fleet | undefined;
let watch: ResultWatch | undefined;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
});

afterAll(async () => {
  await Promise.all([fleet?.kill(), watch?.close()]);
  await Promise.all([kafka.stop(), redis.stop()]);
});

test("the predecessor's trades through three aggregators, one killed every few seconds: its 1,957 windows", async () => {
  const { brokers } = kafka;
  const options = { brokers, redisUrl: redis.url, folder, name: 'seed', partitions: 1 };
  fleet = await Fleet.create({ ...options, delay: '5s', idleAfter: '3s' });
  fleet.start(3);
  watch = await ResultWatch.open(brokers, 'seed_averages');
  const trades = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8').trimEnd().split('\n');
  const records = trades.map((value) => ({ key: 'key', value }));
  await killUntil(writePaced(brokers, 'seed', records, 60), fleet);

  await watch.counts(1957, 60_000);
  await fleet.scaleTo(0);
  const rows = writtenResults(await readTopic(brokers, 'seed_averages'));
  const expected = readFileSync(join(PREDECESSOR, 'flushed.csv'), 'utf8').trimEnd().split('\n').slice(1);
  const written = [...rows.values()].map((row) => JSON.parse(row) as Record<string, number | string>);
  const keys = written.map(({ start, end, stockName, minPrice, maxPrice, count }) =>
    [start, end, stockName, minPrice, maxPrice, count].join(','),
  );
  expect(keys.sort()).toEqual(expected.map(withoutAverage).sort());
  const windows = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
  expect(rows).toEqual(expectedResults(await readTopic(brokers, 'seed'), windows, 5_000).results);
});

/** While `writing` is under way, kills one every 3 s and starts another in its place. */
async function killUntil(writing: Promise<unknown>, running: Fleet): Promise<void> {
  const over = writing.then(() => true);
  while (!(await Promise.race([over, delay(3_000, false)]))) {
    await running.killOldest();
    running.start();
  }
}

function withoutAverage(row: string): string {
  const fields = row.split(',');
  return [...fields.slice(0, 3), Number(fields[4]), Number(fields[5]), fields[6]].join(',');
}
