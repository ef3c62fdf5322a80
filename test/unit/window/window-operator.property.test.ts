import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResultColumns } from '../../../src/window/results.ts';
import type { Window } from '../../../src/window/time-window.ts';
import { LateTrades } from '../../../src/window/trade-columns.ts';
import { WindowOperator, type WindowOptions } from '../../../src/window/window-operator.ts';
import { NaiveWindows, type ExpectedResult, type Trade } from '../../support/naive-windows.ts';
import { columnsOf } from '../../support/trade-columns.ts';

const TICKS_PER_PRICE = 100;
const UNITS_PER_SHARE = 10;

const trade = fc.record({
  symbolId: fc.nat({ max: 3 }),
  timeMs: fc.oneof(
    { weight: 20, arbitrary: fc.nat({ max: 300 }) },
    { weight: 1, arbitrary: fc.nat({ max: 1e6 }) },
  ),
  price: fc.oneof(
    fc.nat({ max: 9 }),
    fc.nat({ max: 99_999 }),
    fc.integer({ min: 2 ** 50 - 9, max: 2 ** 50 - 1 }),
  ),
  quantity: fc.oneof(fc.nat({ max: 9 }), fc.integer({ min: 2 ** 50 - 9, max: 2 ** 50 - 1 })),
});

const timeWindow = fc
  .record({ slide: fc.integer({ min: 1, max: 12 }), extra: fc.nat({ max: 60 }) })
  .map(({ slide, extra }): Window => ({ kind: 'time', slideMs: slide, sizeMs: slide + extra }));
const countWindow = fc
  .integer({ min: 1, max: 12 })
  .chain((trades) => fc.record({ trades: fc.constant(trades), every: fc.integer({ min: 1, max: trades }) }))
  .map(({ trades, every }): Window => ({ kind: 'count', trades, every }));

const scenario = fc.record({
  windows: fc.array(fc.oneof({ weight: 4, arbitrary: timeWindow }, { weight: 1, arbitrary: countWindow }), {
    minLength: 1,
    maxLength: 4,
  }),
  delayMs: fc.nat({ max: 60 }),
  emit: fc.constantFrom<'final' | 'update'>('final', 'update'),
  withQuantity: fc.boolean(),
  trades: fc.array(trade, { maxLength: 120 }),
  sorted: fc.boolean(),
  cuts: fc.array(fc.nat({ max: 120 }), { maxLength: 4 }),
  silentMs: fc.nat({ max: 100 }),
});

test('any trades, any disorder, any windows, restored at any point: as a naive recomputation has it', () => {
  fc.assert(
    fc.property(scenario, ({ windows, delayMs, emit, withQuantity, trades, sorted, cuts, silentMs }) => {
      const scale = { ticksPerPrice: TICKS_PER_PRICE, unitsPerShare: UNITS_PER_SHARE, withQuantity };
      const options: WindowOptions = { windows, delayMs, emit, scale };
      const inOrder = sorted ? [...trades].sort((a, b) => a.timeMs - b.timeMs) : trades;
      const naive = new NaiveWindows(windows, delayMs, emit);
      let operator = new WindowOperator(options);
      const late: Trade[] = [];

      const bounds = [...new Set([0, ...cuts.filter((cut) => cut < trades.length), trades.length])].sort(
        (a, b) => a - b,
      );
      for (let part = 1; part < bounds.length; part++) {
        const batch = inOrder.slice(bounds[part - 1], bounds[part]);
        const results = new ResultColumns();
        const lateRows = new LateTrades();
        operator.fold(columnsOf(batch), 0, batch.length, results, lateRows);
        late.push(...lateRows.row.map((row) => batch[row]));
        expect(rowsOf(results)).toEqual(
          expectedRows(
            batch.flatMap((each) => naive.take(each)),
            withQuantity,
          ),
        );
        expect(operator.watermarkMs).toBe(naive.watermarkMs);
        operator = WindowOperator.restored(options, structuredClone(operator.snapshot()));
      }
      expect(late).toEqual(naive.late);

      const atRest = new ResultColumns();
      operator.idle(silentMs, atRest);
      expect(rowsOf(atRest)).toEqual(expectedRows(naive.idle(naive.watermarkMs + silentMs), withQuantity));

      const atEnd = new ResultColumns();
      operator.closeAll(atEnd);
      expect(rowsOf(atEnd)).toEqual(expectedRows(naive.closeAll(), withQuantity));
      expect(operator.cells).toBe(0);
    }),
    { numRuns: 1500 },
  );
});

test('without restoring, state carried between batches gives the same results as one batch', () => {
  fc.assert(
    fc.property(scenario, ({ windows, delayMs, emit, trades, cuts }) => {
      const scale = { ticksPerPrice: TICKS_PER_PRICE, unitsPerShare: UNITS_PER_SHARE, withQuantity: true };
      const columns = columnsOf(trades);
      const whole = new ResultColumns();
      const wholeLate = new LateTrades();
      new WindowOperator({ windows, delayMs, emit, scale }).fold(columns, 0, trades.length, whole, wholeLate);

      const pieces = new ResultColumns();
      const piecesLate = new LateTrades();
      const operator = new WindowOperator({ windows, delayMs, emit, scale });
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, trades.length)), trades.length].sort(
        (a, b) => a - b,
      );
      for (let part = 1; part < bounds.length; part++) {
        operator.fold(columns, bounds[part - 1], bounds[part], pieces, piecesLate);
      }
      expect(rowsOf(pieces)).toEqual(rowsOf(whole));
      expect(piecesLate).toEqual(wholeLate);
    }),
  );
});

test('results of a batch come in order of the ends of their windows', () => {
  fc.assert(
    fc.property(scenario, ({ windows, delayMs, trades }) => {
      const timeWindows = windows.filter(({ kind }) => kind === 'time');
      const scale = { ticksPerPrice: 1, unitsPerShare: 1, withQuantity: false };
      const results = new ResultColumns();
      const operator = new WindowOperator({ windows: timeWindows, delayMs, emit: 'final', scale });
      operator.fold(columnsOf(trades), 0, trades.length, results, new LateTrades());
      operator.closeAll(results);
      const ends = [...results.endMs.subarray(0, results.length)];
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
    }),
  );
});

/** Rows as sorted text, so that the order of symbols within a window does not matter. */
function rowsOf(results: ResultColumns): string[] {
  const rows: string[] = [];
  for (let i = 0; i < results.length; i++) {
    rows.push(
      [
        results.windowIndex[i],
        results.startMs[i],
        results.endMs[i],
        results.symbolId[i],
        results.final[i] === 1,
        results.count[i],
        results.average[i],
        results.min[i],
        results.max[i],
        results.volume[i],
        results.vwap[i],
      ].join(' '),
    );
  }
  return rows.sort();
}

function expectedRows(results: readonly ExpectedResult[], withQuantity: boolean): string[] {
  return results
    .map(({ windowIndex, startMs, endMs, symbolId, trades, final }) => {
      const prices = trades.map(({ price }) => price);
      const sum = prices.reduce((total, price) => total + BigInt(price), 0n);
      const volume = trades.reduce((total, { quantity }) => total + BigInt(quantity), 0n);
      const turnover = trades.reduce(
        (total, { price, quantity }) => total + BigInt(price) * BigInt(quantity),
        0n,
      );
      return [
        windowIndex,
        startMs,
        endMs,
        symbolId,
        final,
        trades.length,
        nearest(sum, BigInt(trades.length * TICKS_PER_PRICE)),
        Math.min(...prices) / TICKS_PER_PRICE,
        Math.max(...prices) / TICKS_PER_PRICE,
        withQuantity ? nearest(volume, BigInt(UNITS_PER_SHARE)) : NaN,
        withQuantity ? nearest(turnover, volume * BigInt(TICKS_PER_PRICE)) : NaN,
      ].join(' ');
    })
    .sort();
}

/** The double nearest to a fraction, found through its decimal expansion, which parsing rounds correctly. */
function nearest(numerator: bigint, denominator: bigint): number {
  if (denominator === 0n) return NaN;
  const digits = 400n;
  const text = ((numerator * 10n ** digits) / denominator).toString().padStart(Number(digits) + 1, '0');
  const exact = (numerator * 10n ** digits) % denominator === 0n;
  return Number(`${text.slice(0, -Number(digits))}.${text.slice(-Number(digits))}${exact ? '' : '1'}`);
}
