import { COUNT, MAX, MIN, SUM, SUM_HIGH, VOLUME, VOLUME_HIGH } from '../window/accumulator.ts';
import { ratio } from '../window/exact-ratio.ts';
import { paneMsOf, type CountWindow } from '../window/time-window.ts';
import type { CheckpointShape } from './checkpoint-shape.ts';
import type { Checkpoint, CheckpointPane, CheckpointTail } from './checkpoint.ts';

/** What a symbol has in one open pane; prices and quantities as they came, the nearest doubles. */
export interface SymbolPane {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** Missing where quantities are not kept. */
  readonly volume?: number;
}

/** A symbol's last trades in one count window, oldest first. */
export interface SymbolTail {
  readonly window: { readonly trades: number; readonly every: number };
  /** Trades of the symbol ever. */
  readonly seen: number;
  readonly trades: readonly { readonly time: number; readonly price: number; readonly quantity?: number }[];
}

export interface SymbolState {
  readonly panes: readonly SymbolPane[];
  readonly tails: readonly SymbolTail[];
}

/** What a checkpoint holds of a symbol; undefined where that is nothing. Times are in ms since the epoch. */
export function symbolState(
  { panes, tails }: Checkpoint,
  shape: CheckpointShape,
  symbol: string,
): SymbolState | undefined {
  const state = {
    panes: panes.flatMap((pane) => paneOf(pane, shape, symbol)),
    tails: tails.filter((tail) => tail.symbol === symbol).map((tail) => tailOf(tail, shape)),
  };
  return state.panes.length + state.tails.length === 0 ? undefined : state;
}

/** Every symbol that a checkpoint holds. */
export function symbolsOf({ panes, tails }: Checkpoint): ReadonlySet<string> {
  return new Set([...panes.flatMap(({ symbols }) => symbols), ...tails.map(({ symbol }) => symbol)]);
}

function paneOf(pane: CheckpointPane, shape: CheckpointShape, symbol: string): SymbolPane[] {
  const index = pane.symbols.indexOf(symbol);
  if (index === -1) return [];
  const row = pane.figures.subarray(index * strideOf(pane), (index + 1) * strideOf(pane));
  const ticks = 10 ** shape.priceDecimals;
  const { quantityDecimals } = shape;
  const timeWindows = shape.windows.filter((window) => window.kind === 'time');
  return [
    {
      start: pane.startMs,
      end: pane.startMs + paneMsOf(timeWindows),
      count: row[COUNT],
      average: ratio(row[SUM], row[SUM_HIGH], row[COUNT], 0, ticks),
      min: row[MIN] / ticks,
      max: row[MAX] / ticks,
      sum: ratio(row[SUM], row[SUM_HIGH], ticks, 0, 1),
      ...(quantityDecimals === undefined
        ? {}
        : { volume: ratio(row[VOLUME], row[VOLUME_HIGH], 10 ** quantityDecimals, 0, 1) }),
    },
  ];
}

function strideOf({ symbols, figures }: CheckpointPane): number {
  return figures.length / symbols.length;
}

function tailOf(
  tail: CheckpointTail,
  { windows, priceDecimals, quantityDecimals }: CheckpointShape,
): SymbolTail {
  const countWindows: readonly CountWindow[] = windows.filter((window) => window.kind === 'count');
  const { trades, every } = countWindows[tail.window];
  return {
    window: { trades, every },
    seen: tail.seen,
    trades: Array.from(tail.timesMs, (time, i) => ({
      time,
      price: tail.priceTicks[i] / 10 ** priceDecimals,
      ...(quantityDecimals === undefined ? {} : { quantity: tail.quantityUnits[i] / 10 ** quantityDecimals }),
    })),
  };
}
