import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResultColumns } from '../../../src/window/results.ts';
import { SourceWatermarks } from '../../../src/window/source-watermarks.ts';
import type { TimeWindow } from '../../../src/window/time-window.ts';
import { LateTrades } from '../../../src/window/trade-columns.ts';
import { Watermark } from '../../../src/window/watermark.ts';
import { WindowOperator, type WindowOptions } from '../../../src/window/window-operator.ts';
import type { PaneSnapshot } from '../../../src/window/window-snapshot.ts';
import { columnsOf } from '../../support/trade-columns.ts';

const SOURCES = 3;

const window = fc
  .record({ slideMs: fc.integer({ min: 1, max: 12 }), extra: fc.nat({ max: 60 }) })
  .map(({ slideMs, extra }): TimeWindow => ({ kind: 'time', slideMs, sizeMs: slideMs + extra }));

/** Sources are up to a million ms apart, and the store has room for 4,096 panes of one ms or a few. */
const scenario = fc.record({
  windows: fc.array(window, { minLength: 1, maxLength: 3 }),
  delayMs: fc.nat({ max: 60 }),
  skewsMs: fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 1e6 })), {
    minLength: SOURCES,
    maxLength: SOURCES,
  }),
  trades: fc.array(
    fc.record({
      source: fc.nat({ max: SOURCES - 1 }),
      symbolId: fc.nat({ max: 3 }),
      timeMs: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 300 }) }, fc.nat({ max: 1e5 })),
      price: fc.integer({ min: 1, max: 9_999 }),
    }),
    { maxLength: 150 },
  ),
  restoreAt: fc.array(fc.nat({ max: 150 }), { maxLength: 4 }),
});

test('sources that are any time apart, interleaved anyhow, restored at any point: each window holds all its trades', () => {
  fc.assert(
    fc.property(scenario, ({ windows, delayMs, skewsMs, trades, restoreAt }) => {
      const scale = { ticksPerPrice: 1, unitsPerShare: 1, withQuantity: false };
      const options: WindowOptions = { windows, delayMs, emit: 'final', scale, watermark: 'told' };
      let operator = new WindowOperator(options);
      const own = skewsMs.map(() => new Watermark(delayMs));
      const sources = new SourceWatermarks(SOURCES);
      const results = new ResultColumns();
      const late = new LateTrades();
      const keptStartsMs: number[] = [];
      const heldStartsMs: number[] = [];
      const kept = new Map<number, PaneSnapshot>();
      const counted: { symbolId: number; timeMs: number; price: number }[] = [];
      for (const [i, { source, symbolId, price, ...each }] of trades.entries()) {
        const timeMs = each.timeMs + skewsMs[source];
        if (timeMs >= own[source].atMs) {
          own[source].observe(timeMs);
          counted.push({ symbolId, timeMs, price });
          operator.fold(columnsOf([{ symbolId, timeMs, price, quantity: 1 }]), 0, 1, results, late);
          sources.told(source, { watermarkMs: own[source].atMs, isIdle: false });
          operator.advance(sources.atMs, results);
        }
        if (restoreAt.includes(i)) {
          // As a store keeps it: panes that changed on top of those before, without those that have closed.
          for (const pane of operator.takeChanges().panes) kept.set(pane.startMs, structuredClone(pane));
          for (const startMs of kept.keys()) if (startMs < operator.firstPaneMs) kept.delete(startMs);
          const panes = [...kept.values()].sort((a, b) => a.startMs - b.startMs);
          keptStartsMs.push(...panes.map(({ startMs }) => startMs));
          heldStartsMs.push(...operator.snapshot().panes.map(({ startMs }) => startMs));
          const { watermarkMs } = operator;
          operator = WindowOperator.restored(options, { watermarkMs, panes, countWindows: [] });
        }
      }
      operator.advance(3e6, results);
      expect(keptStartsMs).toEqual(heldStartsMs);
      expect(late.length).toBe(0);
      expect(operator.cells).toBe(0);
      expect(rowsOf(results)).toEqual(expectedRows(windows, counted));
    }),
    { numRuns: 500 },
  );
});

function rowsOf(results: ResultColumns): string[] {
  return Array.from({ length: results.length }, (_, row) =>
    JSON.stringify([
      ...[results.windowIndex[row], results.startMs[row], results.endMs[row], results.symbolId[row]],
      ...[results.count[row], results.average[row], results.min[row], results.max[row]],
    ]),
  ).sort();
}

function expectedRows(
  windows: readonly TimeWindow[],
  trades: readonly { symbolId: number; timeMs: number; price: number }[],
): string[] {
  const held = new Map<string, number[]>();
  for (const { symbolId, timeMs, price } of trades) {
    for (const [index, { sizeMs, slideMs }] of windows.entries()) {
      const lastMs = Math.floor(timeMs / slideMs) * slideMs;
      for (let startMs = lastMs; startMs > timeMs - sizeMs; startMs -= slideMs) {
        const name = JSON.stringify([index, startMs, startMs + sizeMs, symbolId]);
        held.set(name, [...(held.get(name) ?? []), price]);
      }
    }
  }
  return [...held]
    .map(([name, prices]) => {
      const average = prices.reduce((sum, each) => sum + each, 0) / prices.length;
      const figures = [prices.length, average, Math.min(...prices), Math.max(...prices)];
      return JSON.stringify([...(JSON.parse(name) as number[]), ...figures]);
    })
    .sort();
}
