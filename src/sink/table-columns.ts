import type { styleText } from 'node:util';
import type { Measure } from '../window/results.ts';
import { clipped, countText, priceText, windowText } from './for-eyes.ts';
import { changeOf, sparkline } from './trend.ts';
import type { WatchedWindow } from './watchlist.ts';

/** A cell's text and its look. */
export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly text: (symbol: string, window: WatchedWindow) => string;
  readonly style?: (window: WatchedWindow) => Style;
}

export type Style = Parameters<typeof styleText>[0];

/** What tells the rows apart. `windows` are the names of the pipeline's windows, by index. */
export function leadingColumns(windows: readonly string[]): Column[] {
  const size: Column = {
    head: 'size',
    align: 'left',
    text: (_symbol, { windowIndex }) => windows[windowIndex] ?? '',
  };
  return windows.length > 1 ? [SYMBOL, WINDOW, size] : [SYMBOL, WINDOW];
}

const LONGEST_NAME = 12;

const SYMBOL: Column = {
  head: 'symbol',
  align: 'left',
  text: (symbol) => clipped(symbol, LONGEST_NAME),
  style: () => 'bold',
};

const WINDOW: Column = {
  head: 'window, UTC',
  align: 'left',
  text: (_symbol, { startMs, endMs }) => windowText(startMs, endMs),
  style: () => 'dim',
};

export const MEASURED: Record<Measure, Column> = {
  average: { head: 'average', align: 'right', text: (_, { average }) => priceText(average) },
  min: { head: 'min', align: 'right', text: (_, { min }) => priceText(min) },
  max: { head: 'max', align: 'right', text: (_, { max }) => priceText(max) },
  count: { head: 'count', align: 'right', text: (_, { count }) => countText(count) },
  volume: { head: 'volume', align: 'right', text: (_, { volume }) => countText(volume) },
  vwap: { head: 'vwap', align: 'right', text: (_, { vwap }) => priceText(vwap) },
};

/** Bars of `width` and the change against the window before; 0: the change alone; undefined: no trend. */
export function trendColumns(width: number | undefined): Column[] {
  if (width === undefined) return [];
  const change: Column = {
    head: width === 0 ? 'change' : '',
    align: 'left',
    text: (_, { averages }) => changeOf(averages).text.padEnd(CHANGE_WIDTH),
    style: ({ averages }) => CHANGE_STYLE[changeOf(averages).direction],
  };
  if (width === 0) return [change];
  const bars: Column = {
    head: 'trend',
    align: 'left',
    text: (_, { averages }) => sparkline(averages, width).padEnd(width),
    style: () => 'cyan',
  };
  return [bars, change];
}

/** Kept free from the start, so that the table keeps its shape when the second window closes. */
const CHANGE_WIDTH = 7;
const CHANGE_STYLE = { up: 'green', down: 'red', none: 'dim' } as const;
