import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PREDECESSOR, tidemark } from '../../support/tidemark.ts';

const folder = temporaryFolder();
const AS_THE_JOB = ['--window', '3s', '--slide', '1s', '--delay', '5s'];

interface Row {
  readonly window: string;
  readonly price: number;
  readonly figures: readonly number[];
}

test('all 1,957 windows of the predecessor, with its figures', async () => {
  const rows = await averages('trades.csv', 'flushed.csv', AS_THE_JOB);
  const expected = rowsOf(readFileSync(join(PREDECESSOR, 'flushed.csv'), 'utf8'));
  expect(rows).toHaveLength(1957);
  expect(rows.map(withoutPrice)).toEqual(expected.map(withoutPrice));
  const exact = exactAverages();
  const drifted = rows.filter(({ window, price }, i) => {
    expect(price).toBe(exact.get(window));
    expect(Math.abs(price / expected[i].price - 1)).toBeLessThan(4e-16);
    return price !== expected[i].price;
  });
  expect(drifted).toHaveLength(26); // where the job's sums of doubles drifted; see the fixtures' README
});

test('with --keep-open the 1,944 that the watermark closes, among them all 1,928 that the job had printed', async () => {
  const rows = await averages('trades.csv', 'open.csv', [...AS_THE_JOB, '--keep-open']);
  const printed = rowsOf(readFileSync(join(PREDECESSOR, 'windows.csv'), 'utf8'));
  expect(rows).toHaveLength(1944);
  expect(printed).toHaveLength(1928);
  const ours = new Map(rows.map((row) => [row.window, withoutPrice(row)]));
  expect(printed.map(({ window }) => ours.get(window))).toEqual(printed.map(withoutPrice));
});

test("the batch example's 7 windows", async () => {
  const rows = await averages('sampleStocks.csv', 'sample.csv', ['--window', '10s', '--slide', '5s']);
  expect(rows).toHaveLength(7);
  const amc = rows.find(({ window }) => window.endsWith('AMC'));
  expect(amc).toMatchObject({ price: 457.15, figures: [158.84, 755.46, 2] });
});

async function averages(input: string, output: string, flags: readonly string[]): Promise<Row[]> {
  const file = join(folder, output);
  const run = await tidemark(['run', '--input', join(PREDECESSOR, input), ...flags, '--output', file]);
  expect(run).toMatchObject({ code: 0, stdout: '' });
  const text = readFileSync(file, 'utf8');
  expect(text.split('\n', 1)).toEqual(['start,end,stockName,price,minPrice,maxPrice,count']);
  return rowsOf(text);
}

function rowsOf(csv: string): Row[] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [start, end, stockName, price, ...figures] = line.split(',');
      return { window: `${start} ${end} ${stockName}`, price: Number(price), figures: figures.map(Number) };
    });
}

function withoutPrice({ window, figures }: Row): unknown {
  return { window, figures };
}

/** Averages from the trades alone: prices as integers of cents, one division at the end. */
function exactAverages(): Map<string, number> {
  const sums = new Map<string, { cents: number; count: number }>();
  for (const line of readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8').trimEnd().split('\n')) {
    const [stockName, , price, , timeMs] = line.split(',');
    const second = Math.floor(Number(timeMs) / 1000) * 1000;
    for (const start of [second - 2000, second - 1000, second]) {
      const window = `${start} ${start + 3000} ${stockName}`;
      const { cents, count } = sums.get(window) ?? { cents: 0, count: 0 };
      sums.set(window, { cents: cents + Number(price.replace('.', '')), count: count + 1 });
    }
  }
  return new Map([...sums].map(([window, { cents, count }]) => [window, cents / (count * 100)]));
}
