import { expect, test } from '@jest/globals';
import { ResultColumns } from '../../../src/window/results.ts';
import type { Window } from '../../../src/window/time-window.ts';
import { LateTrades } from '../../../src/window/trade-columns.ts';
import { WindowOperator } from '../../../src/window/window-operator.ts';
import { columnsOf } from '../../support/trade-columns.ts';

const SCALE = { ticksPerPrice: 1, unitsPerShare: 1, withQuantity: false };

test('a window closes when the watermark reaches its end, not before', () => {
  //  trades     ──1──2─────────6──7──▶ s      windows [0, 3), [3, 6), [6, 9); delay 4
  //  watermark                 2  3
  const { closedBy } = operator([{ kind: 'time', sizeMs: 3, slideMs: 3 }], 4);
  expect([1, 2, 6, 7].map(closedBy)).toEqual([[], [], [], ['[0, 3) 2 trades']]);
});

test('a trade that is late for some windows still counts in those that are open', () => {
  //  trades     ──0──2─────5──3────8──▶ s     windows of 4 every 2; delay 1
  //  watermark             4       7          closed: [-2, 2), [0, 4); then [2, 6) with the 3 in it
  const { closedBy, late } = operator([{ kind: 'time', sizeMs: 4, slideMs: 2 }], 1);
  expect([0, 2, 5, 3, 8].map(closedBy)).toEqual([
    [],
    [],
    ['[-2, 2) 1 trades', '[0, 4) 2 trades'],
    [],
    ['[2, 6) 3 trades'],
  ]);
  expect(late.length).toBe(0);
});

test('a trade is late when the last of its windows has closed, and it is told of the watermark that it missed', () => {
  //  trades     ──0────────5──2──3──▶ s       windows [0, 3), [3, 6); delay 1
  //  watermark             4
  const { closedBy, late } = operator([{ kind: 'time', sizeMs: 3, slideMs: 3 }], 1);
  expect([0, 5, 2, 3].map(closedBy)).toEqual([[], ['[0, 3) 1 trades'], [], []]);
  expect(late.watermarkMs).toEqual([4]);
});

test('a night without trades is passed over, whatever its length', () => {
  const year = 365 * 86_400_000;
  const { closedBy } = operator([{ kind: 'time', sizeMs: 3_600, slideMs: 1 }], 0);
  expect(closedBy(0)).toEqual([]);
  expect(closedBy(year)).toHaveLength(3_600);
});

test('idle time closes the last window, and goes on from where the trades left it', () => {
  const { closedBy, idle } = operator([{ kind: 'time', sizeMs: 3, slideMs: 3 }], 4);
  expect(closedBy(1)).toEqual([]);
  expect(idle(5)).toEqual([]); // the watermark was at -3 and is at 2
  expect(idle(6)).toEqual(['[0, 3) 1 trades']);
});

test('several windows share the panes, and windows that end together come in the order of the pipeline', () => {
  const windows: Window[] = [
    { kind: 'time', sizeMs: 2, slideMs: 2 },
    { kind: 'time', sizeMs: 6, slideMs: 3 },
  ];
  const { closedBy } = operator(windows, 0);
  expect([1, 4, 6].map(closedBy)).toEqual([
    [],
    ['[0, 2) 1 trades', '[-3, 3) 1 trades'],
    ['[4, 6) 1 trades', '[0, 6) 2 trades'],
  ]);
});

/** An operator to which trades of one symbol come one by one. */
function operator(windows: Window[], delayMs: number) {
  const subject = new WindowOperator({ windows, delayMs, emit: 'final', scale: SCALE });
  const late = new LateTrades();
  const closed = (work: (results: ResultColumns) => void): string[] => {
    const results = new ResultColumns();
    work(results);
    return Array.from(
      { length: results.length },
      (_, row) => `[${results.startMs[row]}, ${results.endMs[row]}) ${results.count[row]} trades`,
    );
  };
  return {
    late,
    closedBy: (timeMs: number) => {
      const trades = columnsOf([{ symbolId: 0, timeMs, price: 1, quantity: 1 }]);
      return closed((results) => {
        subject.fold(trades, 0, 1, results, late);
      });
    },
    idle: (silentMs: number) =>
      closed((results) => {
        subject.idle(silentMs, results);
      }),
  };
}
