import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TradeSums, windowKey } from '../../../bench/support/expected-windows.ts';
import { symbolName } from '../../../bench/support/market-file.ts';
import { percentiles } from '../../../bench/support/percentiles.ts';
import { compareResults } from '../../../bench/support/verify-results.ts';
import { NaiveWindows } from '../../support/naive-windows.ts';

const expected = new Map([
  [windowKey(0, 'SYM000'), { cents: 1_000, count: 3, min: 100, max: 600 }],
  [windowKey(1_000, 'SYM000'), { cents: 500, count: 1, min: 500, max: 500 }],
]);
const right = [
  { start: 0, end: 3_000, stockName: 'SYM000', price: 1_000 / 300, minPrice: 1, maxPrice: 6, count: 3 },
  { start: 1_000, end: 4_000, stockName: 'SYM000', price: 5, minPrice: 5, maxPrice: 5, count: 1 },
];

test('a benchmark accepts the right results in any order', () => {
  expect(() => {
    compare(right);
    compare([...right].reverse());
  }).not.toThrow();
});

test.each([
  ['missing', right.slice(1), '1 of 2 windows are missing, first 0 SYM000'],
  ['there twice', [...right, right[0]], 'a window is there twice'],
  ['not expected', [...right, { ...right[0], start: 9_000, end: 12_000 }], 'a window is not expected'],
  ['of another length', [right[0], { ...right[1], end: 5_000 }], 'a window is different'],
  ['averaged wrongly', [right[0], { ...right[1], price: 5.000_001 }], 'a window is different'],
  ['counted wrongly', [right[0], { ...right[1], count: 2 }], 'a window is different'],
  ['with a wrong minimum', [right[0], { ...right[1], minPrice: 4.99 }], 'a window is different'],
  ['with a wrong maximum', [right[0], { ...right[1], maxPrice: 5.01 }], 'a window is different'],
])('a benchmark refuses a window that is %s', (_what, results, message) => {
  expect(() => {
    compare(results);
  }).toThrow(message);
});

test("a peer's average may drift in its last digits, ours may not", () => {
  const drifted = [{ ...right[0], price: right[0].price + 1e-12 }, right[1]];
  expect(() => {
    compare(drifted, 'drift');
  }).not.toThrow();
  expect(() => {
    compare(drifted, 'exact');
  }).toThrow('a window is different');
});

test('what a benchmark expects is what the definition of the windows says', () => {
  const trade = fc.record({
    symbolId: fc.nat(2),
    timeMs: fc.nat(20_000),
    price: fc.integer({ min: 1, max: 100_000 }),
    quantity: fc.constant(1),
  });
  const shape = fc.record({
    slideMs: fc.constantFrom(100, 1_000),
    slides: fc.integer({ min: 1, max: 5 }),
    watermarkMs: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(fc.array(trade, { minLength: 1 }), shape, (trades, { slideMs, slides, watermarkMs }) => {
      const sums = new TradeSums(3, slideMs);
      const window = { kind: 'time', sizeMs: slides * slideMs, slideMs } as const;
      const naive = new NaiveWindows([window], 1e6, 'final'); // nothing is late
      for (const each of trades) {
        sums.add(each.symbolId, each.price, each.timeMs);
        naive.take(each);
      }
      const defined = naive.idle(watermarkMs).map(({ startMs, symbolId, trades: inside }) => {
        const prices = inside.map(({ price }) => price);
        const cents = prices.reduce((sum, price) => sum + price, 0);
        const figures = { cents, count: prices.length, min: Math.min(...prices), max: Math.max(...prices) };
        return [windowKey(startMs, symbolName(symbolId)), figures] as const;
      });
      expect(sums.windows(window.sizeMs, watermarkMs)).toEqual(new Map(defined));
    }),
  );
});

test('percentiles are values that were measured, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentiles(hundred)).toEqual({ p50: 50, p99: 99, max: 100, count: 100 });
  expect(percentiles([7])).toEqual({ p50: 7, p99: 7, max: 7, count: 1 });
  expect(() => percentiles([])).toThrow('no result was seen');
});

function compare(results: typeof right, precision: 'exact' | 'drift' = 'exact'): void {
  const records = results.map((result) => ({ key: result.stockName, value: JSON.stringify(result) }));
  compareResults(records, 3_000, expected, precision);
}
