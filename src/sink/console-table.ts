import { styleText } from 'node:util';
import type { Writable } from 'node:stream';
import Table from 'cli-table3';
import type { Measure } from '../window/results.ts';
import { clipped, countText } from './for-eyes.ts';
import { leadingColumns, MEASURED, trendColumns, type Column, type Style } from './table-columns.ts';
import { TREND_LENGTH } from './trend.ts';
import type { WatchedSymbol, WatchedWindow, Watchlist } from './watchlist.ts';

export interface TableSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TableContent {
  readonly watchlist: Watchlist;
  readonly measures: readonly Measure[];
  /** Names of the pipeline's windows, as `3s`, by window index. Shown where there are several. */
  readonly windows: readonly string[];
  /** Below the table. */
  readonly status: string;
}

const GAP = '  ';
/** What the trend may shrink to where the terminal is narrow: bars with the change, the change alone, nothing. */
const TREND_WIDTHS = [TREND_LENGTH, 10, 8, 6, 0, undefined];
/** What goes, step by step, where even that is too wide. */
const DROPPED: readonly (readonly Measure[])[] = [
  [],
  ['min', 'max'],
  ['min', 'max', 'volume', 'vwap'],
  ['min', 'max', 'volume', 'vwap', 'count'],
];

/**
 * The table as text that fits `size`, colours as `stream` can show them: a row per symbol and window, by name, then
 * how many symbols found no room, and the status. Where it is too wide the trend goes first, then lowest and
 * highest price, then volume figures.
 */
export function consoleTable(content: TableContent, size: TableSize, stream: Writable): string {
  const status = content.status === '' ? [] : content.status.split('\n');
  const statusLines = status.map((line) => styled('dim', clipped(line, size.columns), stream));
  const room = size.rows - 1 - HEAD_LINES - (statusLines.length > 0 ? statusLines.length + 1 : 0);
  const { shown, rows } = fitting(content.watchlist, Math.max(1, room));
  if (rows.length === 0) return [...statusLines].join('\n');
  const columns = columnsFor(content, rows, size.columns);
  const hidden = content.watchlist.symbolCount - shown;
  const more = hidden === 0 ? [] : [`… and ${countText(hidden)} more ${hidden === 1 ? 'symbol' : 'symbols'}`];
  const below = statusLines.length > 0 ? ['', ...statusLines] : [];
  return [
    drawn(columns, rows, stream),
    ...more.map((line) => styled('dim', clipped(line, size.columns), stream)),
    ...below,
  ].join('\n');
}

const HEAD_LINES = 2;

interface Row {
  readonly symbol: string;
  readonly window: WatchedWindow;
}

/** The rows of as many whole symbols as fit into `room` lines, with a line for the rest if there is one. */
function fitting({ symbols, symbolCount }: Watchlist, room: number): { shown: number; rows: Row[] } {
  const all = rowsOf(symbols.slice(0, room));
  if (symbolCount <= room && all.length <= room) return { shown: symbolCount, rows: all };
  const rows: Row[] = [];
  let shown = 0;
  for (const symbol of symbols) {
    const next = rowsOf([symbol]);
    if (shown > 0 && rows.length + next.length > room - 1) break;
    rows.push(...next.slice(0, Math.max(1, room - 1)));
    shown++;
  }
  return { shown, rows };
}

function rowsOf(symbols: readonly WatchedSymbol[]): Row[] {
  return symbols.flatMap(({ name, windows }) =>
    windows.flatMap((window) => (window === undefined ? [] : [{ symbol: name, window }])),
  );
}

/** The columns with the most to say that fit into `width`. */
function columnsFor(content: TableContent, rows: readonly Row[], width: number): Column[] {
  for (const dropped of DROPPED) {
    const measures = content.measures.filter((measure) => !dropped.includes(measure));
    for (const trendWidth of measures.includes('average') ? TREND_WIDTHS : [undefined]) {
      const columns = [
        ...leadingColumns(content.windows),
        ...measures.map((measure) => MEASURED[measure]),
        ...trendColumns(trendWidth),
      ];
      if (widthOf(columns, rows) <= width) return columns;
    }
  }
  return [
    ...leadingColumns([]).slice(0, 1),
    ...content.measures.slice(0, 1).map((measure) => MEASURED[measure]),
  ];
}

function widthOf(columns: readonly Column[], rows: readonly Row[]): number {
  const widths = columns.map((column) =>
    rows.reduce(
      (widest, { symbol, window }) => Math.max(widest, column.text(symbol, window).length),
      column.head.length,
    ),
  );
  return widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1));
}

function drawn(columns: readonly Column[], rows: readonly Row[], stream: Writable): string {
  const table = new Table({
    head: columns.map(({ head }) => styled('bold', head, stream)),
    colAligns: columns.map(({ align }) => align),
    chars: LIGHT,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const { symbol, window } of rows) {
    table.push(
      columns.map(({ text, style }) => {
        const cell = text(symbol, window);
        return style === undefined ? cell : styled(style(window), cell, stream);
      }),
    );
  }
  return table.toString();
}

/** A rule under the head and nothing else. */
const LIGHT = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '──',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** Colour only where `stream` is a terminal and NO_COLOR is not set. */
function styled(style: Style, text: string, stream: Writable): string {
  return text === '' ? '' : styleText(style, text, { stream });
}
