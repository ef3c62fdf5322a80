import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { consoleSink } from '../../../src/sink/console-sink.ts';
import { consoleTable, type TableContent } from '../../../src/sink/console-table.ts';
import { Watchlist } from '../../../src/sink/watchlist.ts';
import { MEASURES } from '../../../src/window/results.ts';
import { named, results, Screen, START_MS, type Row } from './results.ts';

const NAMES = Array.from({ length: 200 }, (_, i) => `SYM${String(i).padStart(3, '0')}`);
const WIDE = { columns: 80, rows: 24 };

function content(rows: readonly Row[], change: Partial<TableContent> = {}): TableContent {
  const watchlist = new Watchlist(100);
  watchlist.observe(results(rows), named(...NAMES));
  return { watchlist, measures: ['average', 'min', 'max', 'count'], windows: ['3s'], status: '', ...change };
}

function table(rows: readonly Row[], size = WIDE, change: Partial<TableContent> = {}): string[] {
  return consoleTable(content(rows, change), size, new Screen(true)).split('\n');
}

/** Twelve windows of one symbol, one second apart. */
const HISTORY = Array.from({ length: 12 }, (_, i) => ({
  symbol: 0,
  startMs: START_MS + i * 1_000,
  average: 100 + (i % 5),
  min: 99.5,
  max: 105.25,
  count: 1_234,
}));

test('a row is the latest window of a symbol, with its trend', () => {
  expect(table(HISTORY)).toEqual([
    'symbol  window, UTC        average    min     max  count  trend                ',
    '─'.repeat(79),
    'SYM000  10:55:47–10:55:50   101.00  99.50  105.25  1,234  ▁▃▅▆█▁▃▅▆█▁▃  ▲ 1.00%',
  ]);
});

test('no frame is wider or higher than the terminal, down to small ones', () => {
  const rows = NAMES.map((_, symbol) => ({ ...HISTORY[11], symbol }));
  const status = 'a status that is longer than a small terminal is wide';
  for (const columns of [20, 36, 43, 50, 64, 72, 80, 120]) {
    for (const height of [8, 15, 24, 60]) {
      const lines = table(rows, { columns, rows: height }, { status });
      expect(lines.length).toBeLessThan(height);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  }
});

test('a narrow terminal goes without the trend first, then without lowest and highest', () => {
  const headAt = (columns: number): string[] =>
    table(HISTORY, { columns, rows: 24 })[0]
      .trim()
      .split(/\s{2,}/);
  expect(headAt(72)).toEqual(['symbol', 'window, UTC', 'average', 'min', 'max', 'count', 'change']);
  expect(headAt(62)).toEqual(['symbol', 'window, UTC', 'average', 'min', 'max', 'count']);
  expect(headAt(54)).toEqual(['symbol', 'window, UTC', 'average', 'count', 'change']);
  expect(headAt(42)).toEqual(['symbol', 'window, UTC', 'average', 'count']);
  expect(headAt(36)).toEqual(['symbol', 'window, UTC', 'average']);
  expect(headAt(20)).toEqual(['symbol', 'average']);
});

test('symbols stand in order of name, and those without room are counted', () => {
  const rows = [7, 3, 12, 5, 1].map((symbol) => ({ symbol }));
  const beginnings = (lines: string[]): string[] => lines.map((line) => line.split(' ')[0]);
  const [, , ...all] = table(rows);
  expect(beginnings(all)).toEqual(['SYM001', 'SYM003', 'SYM005', 'SYM007', 'SYM012']);
  const [, , ...few] = table(rows, { columns: 80, rows: 9 }, { status: 'two lines\nof status' });
  expect(beginnings(few)).toEqual(['SYM001', 'SYM003', '…', '', 'two', 'of']);
  expect(few[2]).toBe('… and 3 more symbols');
});

test('with several windows each has its row and its size', () => {
  const rows = [
    { symbol: 1, windowIndex: 1, startMs: START_MS - 57_000, endMs: START_MS + 3_000 },
    { symbol: 1, windowIndex: 0 },
    { symbol: 0, windowIndex: 0 },
  ];
  const lines = table(rows, WIDE, { windows: ['3s', '60s'] });
  expect(lines.slice(2).map((line) => line.trim().split(/\s+/).slice(0, 3))).toEqual([
    ['SYM000', '10:55:36–10:55:39', '3s'],
    ['SYM001', '10:55:36–10:55:39', '3s'],
    ['SYM001', '10:54:39–10:55:39', '60s'],
  ]);
});

test('before the first result there is the status alone', () => {
  expect(table([], WIDE, { status: 'waiting' })).toEqual(['waiting']);
});

test('colours are for terminals that show them', () => {
  const colourful = Object.assign(new Screen(true), { getColorDepth: () => 8 });
  expect(consoleTable(content(HISTORY), WIDE, colourful)).toContain('\u001b[32m▲ 1.00%');
  expect(consoleTable(content(HISTORY), WIDE, new Screen(true))).not.toContain('\u001b');
});

test('an update of a window changes its last average, a later window adds one, an older one is passed over', () => {
  const watchlist = new Watchlist(10);
  const observe = (row: Omit<Row, 'symbol'>): void => {
    watchlist.observe(results([{ symbol: 0, ...row }]), named('A'));
  };
  observe({ average: 1 });
  observe({ average: 2 });
  observe({ average: 3, startMs: START_MS + 1_000 });
  observe({ average: 9, startMs: START_MS - 1_000 });
  expect(watchlist.symbols[0].windows[0]).toMatchObject({ average: 3, averages: [2, 3] });
});

test('a watchlist keeps the first symbols by name and counts them all', () => {
  const watchlist = new Watchlist(3);
  const names = named('M', 'B', 'Z', 'K', 'A', 'C');
  for (let symbol = 0; symbol < 6; symbol++) watchlist.observe(results([{ symbol, count: symbol }]), names);
  watchlist.observe(results([{ symbol: 0 }, { symbol: 5, count: 50, startMs: START_MS + 1 }]), names);
  expect(watchlist.symbolCount).toBe(6);
  expect(watchlist.symbols.map(({ name, windows }) => [name, windows[0]?.count])).toEqual([
    ['A', 4],
    ['B', 1],
    ['C', 50],
  ]);
});

test('on a terminal the table is drawn in place and its last frame stays', async () => {
  const screen = new Screen(true);
  const sink = consoleSink(screen, { measures: ['average'], windows: ['3s'], status: () => 'running' });
  await sink.write(results([{ symbol: 0 }]), named('AMC'));
  expect(sink.print('a message')).toBe(true);
  await sink.write(results([{ symbol: 1, average: 2.5 }]), named('AMC', 'ANZ'));
  await sink.finish();
  await sink.finish();
  const text = stripVTControlCharacters(screen.text);
  expect(text).toMatch(/^a message\n/);
  expect(text).toMatch(/AMC .* 1\.50 [\s\S]*ANZ .* 2\.50 [\s\S]*running\n$/);
  expect(sink.print('too late')).toBe(false);
});

test('the table refreshes by itself', async () => {
  const screen = new Screen(true);
  const sink = consoleSink(screen, { measures: ['average'], windows: ['3s'] });
  const written = once(screen, 'written');
  const alive = setInterval(() => undefined, 50); // the table's own timer holds up no exit, nor a test
  await sink.write(results([{ symbol: 0 }]), named('AMC'));
  await written;
  clearInterval(alive);
  expect(screen.text).toContain('AMC');
  await sink.abandon();
});

test('elsewhere each result is a line', async () => {
  const stream = new Screen(false);
  const sink = consoleSink(stream, { measures: ['average', 'min', 'max', 'count'], windows: ['10s', '1h'] });
  const rows = results([
    { symbol: 0, average: 457.15, min: 158.84, max: 755.46 },
    { symbol: 1, average: 0.12345, min: 0.001, max: 12_345.678, count: 123, windowIndex: 1, final: false },
  ]);
  await sink.write(rows, named('AMC', 'GOOGL'));
  await sink.finish();
  expect(stream.text).toBe(
    '10:55:39  AMC        457.15  min    158.84  max    755.46  count     2  (10s)\n' +
      '10:55:39  GOOGL      0.1235  min  0.001000  max  12345.68  count   123  (1h)  early\n',
  );
  expect(sink.print('nowhere')).toBe(false);
});

test('every measure has a column and a place in a line', async () => {
  const rows = [{ symbol: 0, volume: 1_234_567, vwap: 1.25 }];
  const [head, , row] = table(rows, { columns: 120, rows: 24 }, { measures: MEASURES });
  expect(head).toMatch(/average +min +max +count +volume +vwap/);
  expect(row).toMatch(/1\.50 +1\.00 +2\.00 +2 +1\.23 M +1\.25/);
  const stream = new Screen(false);
  await consoleSink(stream, { measures: MEASURES, windows: ['3s'] }).write(results(rows), named('A'));
  expect(stream.text).toMatch(/count +2 {2}volume 1234567 {2}vwap +1\.25/);
});
