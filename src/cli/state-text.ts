import Table from 'cli-table3';
import type { SymbolState, SymbolTail } from '../pipeline/symbol-state.ts';
import { printable } from '../trade/rejection.ts';

/** Where a partition's checkpoint stands; times in ms since the epoch. */
export interface Standing {
  readonly partition: number;
  readonly offset: number;
  /** Null before the first trade. */
  readonly watermark: number | null;
  readonly savedAt: number;
  readonly ageMs: number;
  /** How often the partition has been taken over. */
  readonly epoch: number;
}

export type PartitionSummary =
  | (Standing & { readonly panes: number; readonly symbols: number; readonly bytes: number })
  | { readonly partition: number; readonly unusable: string };

export type SymbolInPartition = Standing & SymbolState;

/** A row for each partition; then what cannot be read, and why. */
export function partitionsText(pipeline: string, partitions: readonly PartitionSummary[]): string {
  const head = ['partition', 'offset', 'watermark, UTC', 'saved', 'epoch', 'panes', 'symbols', 'bytes'];
  const rows = partitions.flatMap((each) =>
    'unusable' in each
      ? []
      : [
          [
            String(each.partition),
            String(each.offset),
            timeText(each.watermark),
            ageText(each.ageMs),
            ...[each.epoch, each.panes, each.symbols, each.bytes].map(String),
          ],
        ],
  );
  const unusable = partitions.flatMap((each) =>
    'unusable' in each ? [`partition ${each.partition}: ${each.unusable}`] : [],
  );
  return lines([pipeline, '', ...(rows.length > 0 ? [table(head, rows)] : []), ...unusable]);
}

/** The open panes of a symbol, then its last trades in each window by count; in each partition where it is. */
export function symbolText(
  pipeline: string,
  symbol: string,
  partitions: readonly SymbolInPartition[],
): string {
  return lines(partitions.flatMap((each) => [...symbolLines(pipeline, symbol, each), '']).slice(0, -1));
}

function symbolLines(pipeline: string, symbol: string, at: SymbolInPartition): string[] {
  const { partition, offset, watermark, ageMs, panes, tails } = at;
  const where = `${printable(symbol)} in partition ${partition} of ${pipeline}`;
  const when = `offset ${offset}, watermark ${timeText(watermark)} UTC, saved ${ageText(ageMs)}`;
  return [
    where,
    when,
    ...(panes.length === 0 ? [] : ['', panesTable(panes)]),
    ...tails.flatMap((tail) => ['', tailText(tail), tradesTable(tail)]),
  ];
}

function panesTable(panes: SymbolState['panes']): string {
  const withVolume = panes.some(({ volume }) => volume !== undefined);
  const head = ['pane from, UTC', 'count', 'average', 'min', 'max', 'sum', ...(withVolume ? ['volume'] : [])];
  const rows = panes.map(({ start, count, average, min, max, sum, volume }) => [
    timeText(start),
    ...[count, average, min, max, sum, ...(volume === undefined ? [] : [volume])].map(String),
  ]);
  return table(head, rows);
}

function tailText({ window, seen, trades }: SymbolTail): string {
  return `the last ${window.trades} trades, every ${window.every}: ${trades.length} of ${seen} are kept`;
}

/** The newest of them, in order of arrival. */
function tradesTable({ trades }: SymbolTail): string {
  const withQuantity = trades.some(({ quantity }) => quantity !== undefined);
  const head = ['trade at, UTC', 'price', ...(withQuantity ? ['quantity'] : [])];
  const rows = trades
    .slice(-MOST_TRADES)
    .map(({ time, price, quantity }) => [
      timeText(time),
      String(price),
      ...(quantity === undefined ? [] : [String(quantity)]),
    ]);
  const earlier = trades.length - rows.length;
  return `${table(head, rows)}${earlier > 0 ? `\n… and ${earlier} before; --json has them all` : ''}`;
}

const MOST_TRADES = 10;

/** The first column is read from the left, figures from the right. */
function table(head: readonly string[], rows: readonly string[][]): string {
  const drawn = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  drawn.push(...rows);
  return drawn.toString();
}

/** Two spaces between columns and nothing else, so that cut and awk get along with it. */
const PLAIN = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** `2018-08-21 20:55:38.300`. */
function timeText(timeMs: number | null): string {
  return timeMs === null ? 'none' : new Date(timeMs).toISOString().slice(0, -1).replace('T', ' ');
}

/** `0.4 s ago`, `3 min ago`, `5 h ago`. */
function ageText(ageMs: number): string {
  const seconds = ageMs / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s ago`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3_600)} h ago`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
