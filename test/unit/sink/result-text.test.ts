import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SymbolNames } from '../../../src/pipeline/sink.ts';
import { writeNumber } from '../../../src/sink/number-text.ts';
import { ResultText, type ResultTextOptions } from '../../../src/sink/result-text.ts';
import type { ResultColumns } from '../../../src/window/results.ts';
import { named, results, START_MS } from './results.ts';

const DEFAULTS: ResultTextOptions = { format: 'csv', measures: ['average', 'min', 'max', 'count'] };

function textOf(
  columns: ResultColumns,
  names: SymbolNames,
  options: Partial<ResultTextOptions> = {},
): string {
  const text = new ResultText({ ...DEFAULTS, ...options });
  let all = text.header;
  for (let row = 0; row < columns.length;) {
    row = text.fill(columns, row, names);
    all += Buffer.from(text.bytes).toString();
  }
  return all;
}

test('CSV is what the predecessor wrote', () => {
  const rows = results([
    { symbol: 0, average: 626.05, min: 626.05, max: 626.05, count: 1 },
    { symbol: 1, startMs: START_MS + 3_000, average: 665.13, min: 370.71, max: 959.55, count: 2 },
  ]);
  expect(textOf(rows, named('AMC', 'ANZ'))).toBe(
    'start,end,stockName,price,minPrice,maxPrice,count\n' +
      '1534848936000,1534848939000,AMC,626.05,626.05,626.05,1\n' +
      '1534848939000,1534848942000,ANZ,665.13,370.71,959.55,2\n',
  );
});

test('JSON has the same fields in the same order', () => {
  const rows = results([{ symbol: 0, average: 1 / 3, count: 3 }]);
  expect(textOf(rows, named('AMC'), { format: 'json' })).toBe(
    '{"start":1534848936000,"end":1534848939000,"stockName":"AMC","price":0.3333333333333333,' +
      '"minPrice":1,"maxPrice":2,"count":3}\n',
  );
});

test('only the measures asked for are written, in their one order', () => {
  const rows = results([{ symbol: 0, volume: 700, vwap: 1.25 }]);
  expect(textOf(rows, named('A'), { measures: ['vwap', 'count', 'volume', 'average'] })).toBe(
    `start,end,stockName,price,count,volume,vwap\n${START_MS},${START_MS + 3_000},A,1.5,2,700,1.25\n`,
  );
});

test('what is not a number is empty in CSV and null in JSON', () => {
  const rows = results([{ symbol: 0 }]);
  expect(textOf(rows, named('A'), { measures: ['vwap', 'count'] })).toMatch(/,A,2,\n$/);
  expect(textOf(rows, named('A'), { format: 'json', measures: ['vwap'] })).toMatch(/,"vwap":null}\n$/);
});

test('early results say that they are not final', () => {
  const rows = results([{ symbol: 0, final: false }, { symbol: 0 }]);
  const options = { measures: ['count'], withFinal: true } as const;
  expect(textOf(rows, named('A'), options)).toBe(
    `start,end,stockName,count,final\n` +
      `${START_MS},${START_MS + 3_000},A,2,false\n${START_MS},${START_MS + 3_000},A,2,true\n`,
  );
  expect(textOf(rows, named('A'), { ...options, format: 'json' })).toMatch(/"count":2,"final":true}\n$/);
});

test('symbols are quoted where they must be, in both formats', () => {
  const names = named('PLAIN', 'a,b', 'a"b', 'a\nb', 'Zürich ☃');
  const rows = results([0, 1, 2, 3, 4, 1].map((symbol) => ({ symbol })));
  const csv = textOf(rows, names, { measures: [] });
  const start = `${START_MS},${START_MS + 3_000}`;
  expect(csv).toBe(
    `start,end,stockName\n${start},PLAIN\n${start},"a,b"\n${start},"a""b"\n${start},"a\nb"\n` +
      `${start},Zürich ☃\n${start},"a,b"\n`,
  );
  const json = textOf(rows, names, { format: 'json', measures: [] });
  const parsed = json
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { stockName: string }).stockName);
  expect(parsed).toEqual(['PLAIN', 'a,b', 'a"b', 'a\nb', 'Zürich ☃', 'a,b']);
});

test('more rows than a piece holds come in pieces, each of whole lines', () => {
  const rows = results(Array.from({ length: 20_000 }, (_, i) => ({ symbol: i % 700, count: i })));
  const names: SymbolNames = { name: (id) => `SYMBOL-${id}` };
  const lines = textOf(rows, names).trimEnd().split('\n').slice(1);
  expect(lines.map((line) => line.split(',')[2])).toEqual(
    Array.from({ length: 20_000 }, (_, i) => `SYMBOL-${i % 700}`),
  );
  expect(lines.map((line) => Number(line.split(',')[6]))).toEqual(
    Array.from({ length: 20_000 }, (_, i) => i),
  );
});

test('a symbol longer than a piece is written whole', () => {
  const name = 'X'.repeat(400_000);
  expect(textOf(results([{ symbol: 1 }, { symbol: 0 }]), named(name, 'A'))).toMatch(
    new RegExp(`,A,1.5,1,2,2\n.*,X{40000}.*X,1.5,1,2,2\n$`),
  );
});

test('ids are those of the names they come with', () => {
  const text = new ResultText({ ...DEFAULTS, measures: [] });
  const columns = results([{ symbol: 0 }]);
  text.fill(columns, 0, named('A'));
  text.fill(columns, 0, named('B'));
  expect(Buffer.from(text.bytes).toString()).toMatch(/,B\n$/);
});

test('a number is the text that String makes of it', () => {
  const out = new Uint8Array(64);
  const written = (value: number): string =>
    Buffer.from(out.subarray(0, writeNumber(out, 0, value))).toString();
  const hundredths = fc.integer({ min: -1e9, max: 4e9 }).map((value) => value / 100);
  const whole = fc.maxSafeInteger();
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(hundredths, whole, any), (value) => {
      expect(written(value)).toBe(String(value));
    }),
    { numRuns: 5_000 },
  );
  for (const value of [
    0,
    -0,
    0.07,
    0.1,
    1.1,
    10,
    21474836.47,
    21474836.48,
    2 ** 31,
    2 ** 53 - 1,
    1e21,
    1e-7,
  ]) {
    expect(written(value)).toBe(String(value));
  }
});
