import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import type { Fleet } from '../../support/fleet.ts';
import { Fleets } from '../../support/fleets.ts';
import { liveTrades } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { seededRandom } from '../../support/random.ts';
import { readTopic } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const fleets = new Fleets();

const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
const DELAY_MS = 1_000;

function newFleet(name: string, idleAfter: string): Promise<Fleet> {
  return fleets.create({ name, partitions: 4, delay: `${DELAY_MS}ms`, idleAfter });
}

test('the last windows close with no further trade, once the idle time is over', async () => {
  const created = await newFleet('last', '2s');
  created.start(2);
  const seen = await fleets.watch('last_averages');
  await created.processing();
  const trades = liveTrades({ count: 2_000, random: seededRandom(7), sentAtMs: () => Date.now() });
  await writePaced(fleets.brokers, 'last', trades, 1_000);

  const { results } = expectedResults(await readTopic(fleets.brokers, 'last'), WINDOWS, DELAY_MS);
  await seen.counts(results.size, 60_000);
  await expectExact(created);
});

test('an aggregator that was frozen for longer than the idle time closes nothing early', async () => {
  const created = await newFleet('frozen', '1s');
  const [instance] = created.start();
  const seen = await fleets.watch('frozen_averages');
  await created.processing();
  // As late as it is sent: a writer that is held up makes no trade late.
  const trades = liveTrades({ count: 14_000, random: seededRandom(7), sentAtMs: () => Date.now() });
  const writing = writePaced(fleets.brokers, 'frozen', trades, 1_000);
  for (let i = 0; i < 3; i++) {
    await until('results come', () => seen.seenAtMs.size > i * 40);
    instance.signal('SIGSTOP');
    await delay(3_000);
    instance.signal('SIGCONT');
  }
  await writing;
  await expectExact(created);
});

test('a fresh start far behind, with hardly any idle time, closes nothing early', async () => {
  const created = await newFleet('behind', '200ms');
  // Ten minutes of trades: a watermark that followed the clock would pass over most of them.
  const startMs = Date.now() - 600_000;
  const sentAtMs = (i: number): number => startMs + i * 2;
  const trades = liveTrades({ count: 300_000, random: seededRandom(7), sentAtMs });
  await writePaced(fleets.brokers, 'behind', trades, 200_000);
  created.start(2);
  await expectExact(created);
});

/** Everything is there, and nothing late that was not. */
async function expectExact(fleet: Fleet): Promise<void> {
  const { brokers } = fleets;
  const { name } = fleet;
  const { results, late } = expectedResults(await readTopic(brokers, name), WINDOWS, DELAY_MS);
  const watch = await fleets.watch(`${name}_averages`);
  await watch.counts(results.size, 60_000);
  await fleet.scaleTo(0);
  const [averages, rejected] = await Promise.all([
    readTopic(brokers, `${name}_averages`),
    readTopic(brokers, `${name}_late`),
  ]);
  expect(writtenResults(averages)).toEqual(results);
  expect(rejected).toHaveLength(late.size);
}
