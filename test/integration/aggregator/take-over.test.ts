import { expect, test } from '@jest/globals';
import type { AggregatorProcess } from '../../support/aggregator-process.ts';
import { Fleets } from '../../support/fleets.ts';
import { liveTrades, type LiveRecord } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { seededRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';

const fleets = new Fleets();

test('a partition that is read to its end is taken over, and nothing of it is read again', async () => {
  const options = { name: 'quiet', partitions: 4 };
  const created = await fleets.create({ ...options, delay: '1s', idleAfter: '1s' });
  const trades = liveTrades({ count: 1_000, random: seededRandom(7), sentAtMs: () => Date.now() });
  await writePaced(fleets.brokers, 'quiet', trades, 10_000);
  const [first] = created.start();
  await readToTheEnd(first, 1_000);
  await created.scaleTo(0);

  const [second] = created.start();
  await created.processing();
  const page = await second.page('metrics');
  expect(valueOf(page, 'tidemark_take_over_seconds_count')).toBe(4);
  expect(valueOf(page, 'tidemark_replayed_records_total')).toBe(0);
});

test('10,000 symbols with 60 panes each are taken over from Redis, and nothing is replayed', async () => {
  const options = { name: 'large', partitions: 1 };
  const window = '{ size: 60s, slide: 1s }';
  const created = await fleets.create({ ...options, window, delay: '1m', idleAfter: '1h' });
  await writePaced(fleets.brokers, 'large', oneTradeEach(10_000, 60), 200_000);
  const [first] = created.start();
  await readToTheEnd(first, 600_000);
  await created.scaleTo(0);

  const [second] = created.start();
  await created.processing();
  const page = await second.page('metrics');
  expect(valueOf(page, 'tidemark_take_over_seconds_count')).toBe(1);
  expect(valueOf(page, 'tidemark_replayed_records_total')).toBe(0);
  expect(valueOf(page, 'tidemark_checkpoint_bytes_total{verb="load"}')).toBeGreaterThan(10_000_000);
});

async function readToTheEnd(instance: AggregatorProcess, records: number): Promise<void> {
  await until(
    'all is read',
    async () => valueOf(await instance.page('metrics'), 'tidemark_records_total') === records,
    100_000,
  );
}

/** Every symbol once a second: all of it in windows that stay open for a minute. */
function* oneTradeEach(symbols: number, seconds: number): Generator<LiveRecord> {
  const startMs = 1_534_848_938_000;
  for (let second = 0; second < seconds; second++) {
    for (let symbol = 0; symbol < symbols; symbol++) {
      const name = `S${symbol}`;
      yield { key: name, value: `${name},BUY ,12.34,5,${startMs + second * 1000},x` };
    }
  }
}

function valueOf(page: string, series: string): number {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}
