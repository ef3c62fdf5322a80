import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { expectedResults, rejectedPlaces, writtenResults } from '../../support/expected-results.ts';
import { Fleet } from '../../support/fleet.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { liveTrades } from '../../support/live-trades.ts';
import { writePacedThroughFaults } from '../../support/paced-trades.ts';
import { seededRandom, shuffled } from '../../support/random.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { ResultWatch } from '../../support/result-watch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { readTopic } from '../../support/topics.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let fleet: Fleet;
let watch: ResultWatch | undefined;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka({ nodes: 3 }), startRedis({ own: true })]);
});

afterAll(async () => {
  await Promise.all([fleet.kill(), watch?.close()]);
  await Promise.all([kafka.stop(), redis.stop()]);
});

/** The reader's end; it starts slowly where many processes share a machine. */
const QUIET_MS = 8_000;
const PER_SECOND = 5_000;
const COUNT = 60 * PER_SECOND;

test('a minute of 5,000 trades a second, with every fault there is in a random order: exact', async () => {
  const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);
  const happened: string[] = [];
  try {
    await expectExactThrough(seededRandom(seed), happened);
  } catch (error) {
    throw new Error(`With TIDEMARK_TEST_SEED=${seed}: ${happened.join('; ')}`, { cause: error });
  }
}, 400_000);

async function expectExactThrough(random: () => number, happened: string[]): Promise<void> {
  const { brokers } = kafka;
  // Idle time must not begin while a broker's death holds the writer up.
  const options = { brokers, redisUrl: redis.url, folder, name: 'busy', partitions: 4 };
  fleet = await Fleet.create({ ...options, delay: '1s', idleAfter: '15s' });
  fleet.start(3);
  watch = await ResultWatch.open(brokers, 'busy_averages');
  await fleet.processing();

  const startMs = Date.now();
  const sentAtMs = (i: number): number => startMs + (i * 1000) / PER_SECOND;
  const trades = liveTrades({ count: COUNT, random: seededRandom(7), sentAtMs, late: 0.002, bad: 0.001 });
  const writing = writePacedThroughFaults(brokers, 'busy', trades, PER_SECOND);
  await Promise.all([writing, faultsUntil(writing, random, happened)]);

  const input = await readTopic(brokers, 'busy', QUIET_MS);
  const expected = expectedResults(input, [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }], 1_000);
  await watch.counts(expected.results.size, 60_000);
  await fleet.scaleTo(0);
  const [results, late, dead] = await Promise.all(
    ['busy_averages', 'busy_late', 'busy_dead'].map((topic) => readTopic(brokers, topic, QUIET_MS)),
  );
  expect(input).toHaveLength(COUNT);
  expect(writtenResults(results)).toEqual(expected.results);
  expect(rejectedPlaces(late)).toEqual(expected.late);
  expect(rejectedPlaces(dead)).toEqual(expected.dead);
  expect(expected.counted.size + late.length + dead.length + expected.tombstones.size).toBe(COUNT);
  expect(Math.min(late.length, dead.length)).toBeGreaterThan(100);
}

const FAULTS: Record<string, (random: () => number) => Promise<void>> = {
  async 'an aggregator is killed'() {
    await fleet.killOldest();
    fleet.start();
  },
  /** Another has taken over when it wakes up, and it must not write. */
  async 'an aggregator is frozen for longer than its session'() {
    const [frozen] = fleet.instances;
    frozen.signal('SIGSTOP');
    fleet.start();
    await delay(8_000);
    frozen.signal('SIGCONT');
  },
  async 'Redis is killed'() {
    await redis.server?.kill();
    await delay(1_000);
    await redis.server?.start();
  },
  async 'Redis is flushed'() {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await fleet.killOldest(); // or nobody would notice
    fleet.start();
  },
  async 'Redis is frozen'() {
    redis.server?.freeze();
    await delay(1_500);
    await fleet.killOldest();
    fleet.start();
    await delay(2_500);
    redis.server?.thaw();
  },
  async 'a broker is killed'(random) {
    const node = kafka.nodes[Math.floor(random() * kafka.nodes.length)];
    await node.kill();
    await delay(3_000);
    await node.start();
    await delay(4_000); // its replicas catch up: two brokers less would be too many
  },
  async 'the aggregators become one, four and two'() {
    for (const count of [1, 4, 2]) {
      await fleet.scaleTo(count);
      await delay(2_000);
    }
  },
};

/** Each kind of fault once, in a random order, and then at random until the work has ended. */
async function faultsUntil(work: Promise<unknown>, random: () => number, happened: string[]): Promise<void> {
  const isOver = new AbortController();
  const over = work.then(
    () => {
      isOver.abort();
    },
    () => {
      isOver.abort(); // the test awaits the work itself
    },
  );
  const kinds = Object.keys(FAULTS);
  const waiting = shuffled(kinds, random);
  const startMs = Date.now();
  while (!isOver.signal.aborted || waiting.length > 0) {
    const kind = waiting.shift() ?? kinds[Math.floor(random() * kinds.length)];
    happened.push(`${((Date.now() - startMs) / 1000).toFixed(1)} s ${kind}`);
    await FAULTS[kind](random);
    await fleet.scaleTo(Math.min(3, Math.max(2, fleet.instances.length)));
    await Promise.race([over, delay(300 + random() * 1_000)]);
  }
}
