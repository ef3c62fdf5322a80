import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectedRekeyed } from '../../support/expected-rekeyed.ts';
import { rejectedPlaces, writtenResults } from '../../support/expected-results.ts';
import { Fleet } from '../../support/fleet.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { ResultWatch } from '../../support/result-watch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { readTopic, type PrintedRecord } from '../../support/topics.ts';
import { unkeyedRecords, writeUnkeyed } from '../../support/unkeyed-trades.ts';

/** A million for a thorough run: TIDEMARK_UNKEYED_TRADES=1000000. */
const TRADES = Number(process.env.TIDEMARK_UNKEYED_TRADES ?? 120_000);
const PARTITIONS = 6;
/** So that the aggregators are killed several times whatever the number. */
const WRITTEN_WITHIN_S = TRADES > 500_000 ? 60 : 15;

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

test('trades without keys over 6 partitions, 20 s apart, through three aggregators that are killed in turn: exact', async () => {
  const { brokers } = kafka;
  const options = { brokers, redisUrl: redis.url, folder, name: 'unkeyed', partitions: PARTITIONS };
  fleet = await Fleet.create({ ...options, rekey: true, delay: '1s', idleAfter: '15s' });
  fleet.start(3);
  await fleet.processing(2 * PARTITIONS);
  watch = await ResultWatch.open(brokers, 'unkeyed_averages');
  const count = Math.ceil(TRADES / PARTITIONS);
  const records = Array.from({ length: PARTITIONS }, (_, partition) =>
    unkeyedRecords(partition, { count, perSecond: count / 100, skewMs: 20_000 }),
  );
  const writing = writeUnkeyed(brokers, 'unkeyed', records, TRADES / WRITTEN_WITHIN_S);
  const kills = await killUntil(writing, fleet);
  expect(kills).toBeGreaterThanOrEqual(3);

  const expected = expectedRekeyed(records, { sizeMs: 3_000, slideMs: 1_000, delayMs: 1_000 });
  await watch.counts(expected.results.size, 90_000);
  await fleet.scaleTo(0);
  const [results, late, dead] = await Promise.all(
    ['averages', 'late', 'dead'].map((topic) => readTopic(brokers, `unkeyed_${topic}`)),
  );
  expect(writtenResults(results)).toEqual(expected.results);
  expect(timesByPlace(late)).toEqual(expected.late);
  expect(rejectedPlaces(dead)).toEqual(expected.dead);
  expect(expected.late.size).toBeGreaterThan(0);
}, 400_000);

/** While `writing` is under way, kills one every 3 s and starts another in its place. Returns how many were killed. */
async function killUntil(writing: Promise<unknown>, running: Fleet): Promise<number> {
  const over = writing.then(() => true);
  let kills = 0;
  for (; !(await Promise.race([over, delay(3_000, false)])); kills++) {
    await running.killOldest();
    running.start();
  }
  return kills;
}

/** How often each record of the input is told of; all of them are. */
function timesByPlace(records: readonly PrintedRecord[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { value } of records) {
    const { topic, partition, offset } = JSON.parse(value ?? '') as Record<string, string | number>;
    if (topic !== 'unkeyed') throw new Error(`A trade was late behind the first stage: ${value ?? ''}`);
    const place = `${partition}/${offset}`;
    times.set(place, (times.get(place) ?? 0) + 1);
  }
  return times;
}
