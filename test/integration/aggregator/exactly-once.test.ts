import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { Fleets } from '../../support/fleets.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { PREDECESSOR } from '../../support/tidemark.ts';
import { readTopic } from '../../support/topics.ts';

const fleets = new Fleets();

test("the predecessor's trades through three aggregators, one killed every few seconds: its 1,957 windows", async () => {
  const { brokers } = fleets;
  const fleet = await fleets.create({ name: 'seed', partitions: 1, delay: '5s', idleAfter: '3s' });
  fleet.start(3);
  const watch = await fleets.watch('seed_averages');
  const trades = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8').trimEnd().split('\n');
  const records = trades.map((value) => ({ key: 'key', value }));
  await fleet.killUntil(writePaced(brokers, 'seed', records, 60));

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

function withoutAverage(row: string): string {
  const fields = row.split(',');
  return [...fields.slice(0, 3), Number(fields[4]), Number(fields[5]), fields[6]].join(',');
}
