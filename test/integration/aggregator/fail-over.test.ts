import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { AggregatorProcess } from '../../support/aggregator-process.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import type { Fleet } from '../../support/fleet.ts';
import { Fleets } from '../../support/fleets.ts';
import { liveTrades } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { seededRandom } from '../../support/random.ts';
import { tidemark } from '../../support/tidemark.ts';
import { readTopic } from '../../support/topics.ts';

const fleets = new Fleets();

const PER_SECOND = 1_000;
const DELAY_MS = 1_000;
/** What waits for a session to end waits for longer; how much shorter it is on a machine of its own, a benchmark says. */
const SESSION_MS = 6_000;
const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;

test('one of two ends in order: nothing is replayed, and no result waits for its session', async () => {
  let successor: AggregatorProcess | undefined;
  const longestMs = await longestWaitAround('moved', 10, async (running) => {
    const [ending, staying] = running.instances.splice(0);
    running.instances.push(staying);
    expect(await ending.end('SIGTERM')).toBe(0);
    successor = staying;
  });
  expect(successor?.sawState('replaying')).toBe(false);
  expect(longestMs).toBeLessThan(SESSION_MS);
});

test('one of two is killed and evicted at once: no result waits for its session', async () => {
  const longestMs = await longestWaitAround('evicted', 10, async (running) => {
    const killed = await running.killOldest();
    const evict = ['evict', 'evicted', killed.instance, '--brokers', fleets.brokers.join(','), '--json'];
    const { removed } = JSON.parse((await tidemark(evict)).stdout) as { removed: string[] };
    expect(removed).toHaveLength(1);
    expect(JSON.parse((await tidemark(evict)).stdout)).toEqual({ removed: [] });
  });
  expect(longestMs).toBeLessThan(SESSION_MS);
});

test('one of two is killed and nobody says so: results wait for its session, and come', async () => {
  const longestMs = await longestWaitAround('killed', 14, async (running) => {
    await running.killOldest();
  });
  expect(longestMs).toBeGreaterThan(SESSION_MS / 2);
});

/**
 * Two aggregators process trades as they come from a market; after 3 s `disturb` does something to them. Returns the
 * longest time that any result was due and not visible, and expects all of them to be right.
 */
async function longestWaitAround(
  name: string,
  seconds: number,
  disturb: (running: Fleet) => Promise<void>,
): Promise<number> {
  const { brokers } = fleets;
  const running = await fleets.create({ name, partitions: 4, delay: `${DELAY_MS}ms`, idleAfter: '2s' });
  running.start(2);
  const seen = await fleets.watch(`${name}_averages`);
  await running.processing();

  const startMs = Date.now();
  const count = seconds * PER_SECOND;
  const trades = liveTrades({ count, random: seededRandom(7), sentAtMs: () => Date.now() });
  const writing = writePaced(brokers, name, trades, PER_SECOND);
  await Promise.all([writing, delay(3_000).then(() => disturb(running))]);
  const endMs = Date.now();

  const input = await readTopic(brokers, name);
  const { results, late } = expectedResults(input, WINDOWS, DELAY_MS);
  await seen.counts(results.size, 60_000);
  expect(writtenResults(await readTopic(brokers, `${name}_averages`))).toEqual(results);
  expect(late.size).toBe(0);
  // The first windows are still due when the last trades come; the last ones close by idle time.
  const longestMs = seen.longestWaitMs(DELAY_MS, startMs + DELAY_MS, endMs - 500);
  return longestMs;
}
