import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { Fleet } from '../../support/fleet.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { liveTrades } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { seededRandom } from '../../support/random.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { ResultWatch } from '../../support/result-watch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { readTopic } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let fleet: Fleet | undefined;
let watch: ResultWatch | undefined;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
});

afterEach(async () => {
  await Promise.all([fleet?.kill(), watch?.close()]);
  watch = undefined;
});

afterAll(async () => {
  await Promise.all([kafka.stop(), redis.stop()]);
});

const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
const DELAY_MS = 1_000;

async function newFleet(name: string, idleAfter: string): Promise<Fleet> {
  const options = { brokers: kafka.brokers, redisUrl: redis.url, folder, name, partitions: 4 };
  return (fleet = await Fleet.create({ ...options, delay: `${DELAY_MS}ms`, idleAfter }));
}

test('the last windows close with no further trade, once the idle time is over', async () => {
  const created = await newFleet('last', '2s');
  created.start(2);
  const seen = (watch = await ResultWatch.open(kafka.brokers, 'last_averages'));
  await created.processing();
  const trades = liveTrades({ count: 2_000, random: seededRandom(7), sentAtMs: () => Date.now() });
  await writePaced(kafka.brokers, 'last', trades, 1_000);

  const { results } = expectedResults(await readTopic(kafka.brokers, 'last'), WINDOWS, DELAY_MS);
  await seen.counts(results.size, 60_000);
  await expectExact('last');
});

test('an aggregator that was frozen for longer than the idle time closes nothing early', async () => {
  const created = await newFleet('frozen', '1s');
  const [instance] = created.start();
  const seen = (watch = await ResultWatch.open(kafka.brokers, 'frozen_averages'));
  await created.processing();
  // As late as it is sent: a writer that is held up makes no trade late.
  const trades = liveTrades({ count: 14_000, random: seededRandom(7), sentAtMs: () => Date.now() });
  const writing = writePaced(kafka.brokers, 'frozen', trades, 1_000);
  for (let i = 0; i < 3; i++) {
    await until('results come', () => seen.seenAtMs.size > i * 40);
    instance.signal('SIGSTOP');
    await delay(3_000);
    instance.signal('SIGCONT');
  }
  await writing;
  await expectExact('frozen');
});

test('a fresh start far behind, with hardly any idle time, closes nothing early', async () => {
  const created = await newFleet('behind', '200ms');
  // Ten minutes of trades: a watermark that followed the clock would pass over most of them.
  const startMs = Date.now() - 600_000;
  const sentAtMs = (i: number): number => startMs + i * 2;
  const trades = liveTrades({ count: 300_000, random: seededRandom(7), sentAtMs });
  await writePaced(kafka.brokers, 'behind', trades, 200_000);
  created.start(2);
  await expectExact('behind');
});

/** Everything is there, and nothing late that was not. */
async function expectExact(name: string): Promise<void> {
  const { brokers } = kafka;
  const { results, late } = expectedResults(await readTopic(brokers, name), WINDOWS, DELAY_MS);
  watch ??= await ResultWatch.open(brokers, `${name}_averages`);
  await watch.counts(results.size, 60_000);
  await fleet?.scaleTo(0);
  const [averages, rejected] = await Promise.all([
    readTopic(brokers, `${name}_averages`),
    readTopic(brokers, `${name}_late`),
  ]);
  expect(writtenResults(averages)).toEqual(results);
  expect(rejected).toHaveLength(late.size);
}
