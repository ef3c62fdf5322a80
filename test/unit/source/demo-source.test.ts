import { expect, test } from '@jest/globals';
import { demoSource, type DemoOptions } from '../../../src/source/demo-source.ts';
import { Random } from '../../../src/source/random.ts';
import { tickers } from '../../../src/source/tickers.ts';
import { TradeLines } from '../../../src/source/trade-lines.ts';
import { read, readAll } from './reading.ts';

const START_MS = 1_534_848_938_300;

interface Trade {
  readonly symbol: string;
  readonly price: number;
  readonly quantity: number;
  readonly timeMs: number;
  readonly readable: string;
}

async function linesOf(options: DemoOptions): Promise<string> {
  const { text } = await readAll(demoSource({ startMs: START_MS, paced: false, limit: 20_000, ...options }));
  return text;
}

async function tradesOf(options: DemoOptions): Promise<Trade[]> {
  const text = await linesOf(options);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const parts = /^([A-Z]+),(SELL|BUY ),(\d+\.\d\d),(\d+),(\d{13}),(.+)$/.exec(line);
      if (parts === null) throw new Error(`not a trade: ${line}`);
      const [, symbol, , price, quantity, timeMs, readable] = parts;
      return { symbol, price: Number(price), quantity: Number(quantity), timeMs: Number(timeMs), readable };
    });
}

test('the same seed gives the same trades, another seed others', async () => {
  const options = { symbols: 50, lateShare: 0.01 };
  const lines = await linesOf({ ...options, seed: 7 });
  expect((await linesOf({ ...options, seed: 7 })) === lines).toBe(true);
  expect((await linesOf({ ...options, seed: 8 })) === lines).toBe(false);
});

test('the clock decides when trades come, not which', async () => {
  let nowMs = START_MS;
  const clock = (): number => (nowMs += 137);
  const paced = demoSource({ startMs: START_MS, clock, rate: 50_000, limit: 20_000 });
  const { text } = await readAll(paced);
  expect(text === (await linesOf({ rate: 50_000 }))).toBe(true);
});

test('the past before the start comes at once, the rest as the clock goes on', async () => {
  let nowMs = START_MS;
  const source = demoSource({ startMs: START_MS, clock: () => nowMs, rate: 100, backfillMs: 2_000 });
  const reading = read(source);
  await reading.until((text) => lineCount(text) >= 201);
  expect(lineCount(reading.text)).toBe(201);
  nowMs += 1_000;
  await reading.until((text) => lineCount(text) >= 301);
  await reading.stop();
  expect(lineCount(reading.text)).toBe(301);
  expect(source.bounded).toBe(false);
});

test('a demo with a limit ends there and is bounded', async () => {
  const source = demoSource({ limit: 5_001, paced: false });
  const { text } = await readAll(source);
  expect(lineCount(text)).toBe(5_001);
  expect(source).toMatchObject({ bounded: true, progressBytes: text.length });
});

test('event times lie behind by no more than the disorder', async () => {
  const trades = await tradesOf({ rate: 1_000, disorderMs: 500, backfillMs: 0 });
  const behindMs = trades.map(({ timeMs }, i) => START_MS + i - timeMs);
  expect(Math.min(...behindMs)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...behindMs)).toBeLessThanOrEqual(501);
  expect(Math.max(...behindMs)).toBeGreaterThan(450);
});

test('without disorder trades come in order', async () => {
  const trades = await tradesOf({ disorderMs: 0 });
  expect(trades.every(({ timeMs }, i) => i === 0 || timeMs >= trades[i - 1].timeMs)).toBe(true);
});

test('the late ones are as many as asked for, and much later', async () => {
  const trades = await tradesOf({ rate: 1_000, disorderMs: 500, lateShare: 0.05, backfillMs: 0 });
  const late = trades.filter(({ timeMs }, i) => START_MS + i - timeMs > 501);
  expect(late.length / trades.length).toBeGreaterThan(0.04);
  expect(late.length / trades.length).toBeLessThan(0.06);
  expect(trades.every(({ timeMs }, i) => i < 0 || START_MS + i - timeMs < 60_501)).toBe(true);
});

test('prices stay positive and near their last, quantities are mostly round lots', async () => {
  const trades = await tradesOf({ symbols: 5, rate: 0.1, limit: 50_000, disorderMs: 0 }); // over 140 hours
  expect(Math.min(...trades.map(({ price }) => price))).toBeGreaterThan(0.5);
  expect(Math.max(...trades.map(({ price }) => price))).toBeLessThan(10_000);
  const last = new Map<string, number>();
  for (const { symbol, price } of trades) {
    const before = last.get(symbol) ?? price;
    expect(Math.abs(price / before - 1)).toBeLessThan(0.25);
    last.set(symbol, price);
  }
  const roundShare = trades.filter(({ quantity }) => quantity % 100 === 0).length / trades.length;
  expect(roundShare).toBeGreaterThan(0.8);
  expect(trades.every(({ quantity }) => quantity >= 1)).toBe(true);
});

test('a few symbols have most of the trades, and none is left out', async () => {
  const counts = new Map<string, number>();
  for (const { symbol } of await tradesOf({ symbols: 100 }))
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const byCount = [...counts.values()].sort((a, b) => b - a);
  expect(counts.size).toBe(100);
  expect(byCount[0] / byCount[9]).toBeGreaterThan(4);
});

test('a million tickers are all different, and fewer are their beginning', () => {
  const all = names(1_000_000);
  expect(new Set(all).size).toBe(1_000_000);
  expect(all.slice(0, 3)).toEqual(['AAPL', 'MSFT', 'NVDA']);
  expect(names(1_000)).toEqual(all.slice(0, 1_000));
});

test('a line is what the predecessor wrote, the milliseconds without trailing zeros', () => {
  const lines = new TradeLines(tickers(1), 1_000);
  lines.write(0, true, 62_605, 141, START_MS);
  lines.write(0, false, 7, 1, START_MS + 700);
  lines.write(0, false, 100, 1_000, START_MS + 770);
  lines.write(0, false, 1_234_510, 5, START_MS - 295);
  expect(Buffer.from(lines.buffer.subarray(0, lines.length)).toString().split('\n')).toEqual([
    'AAPL,BUY ,626.05,141,1534848938300,2018-08-21 10:55:38.3',
    'AAPL,SELL,0.07,1,1534848939000,2018-08-21 10:55:39.0',
    'AAPL,SELL,1.00,1000,1534848939070,2018-08-21 10:55:39.07',
    'AAPL,SELL,12345.10,5,1534848938005,2018-08-21 10:55:38.005',
    '',
  ]);
});

test('the readable time is the event time in UTC, across midnight too', async () => {
  const startMs = Date.UTC(2024, 1, 29, 0, 0, 5);
  for (const { timeMs, readable } of await tradesOf({
    startMs,
    rate: 1_000,
    limit: 10_000,
    disorderMs: 3_000,
  })) {
    const iso = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
    expect(readable).toBe(iso.replace(/(\.\d+?)0+$/, '$1'));
  }
});

test('an abort ends an endless demo', async () => {
  const reading = read(demoSource({ rate: 10 }));
  await reading.until((text) => text !== '');
  await reading.stop();
  expect(reading.error).toBeUndefined();
});

test('random numbers are spread evenly and normally', () => {
  const random = new Random(1);
  const uniforms = Array.from({ length: 20_000 }, () => random.uniform());
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  expect(mean(uniforms)).toBeCloseTo(0.5, 1);
  expect(mean(normals)).toBeCloseTo(0, 1);
  expect(mean(normals.map((normal) => normal * normal))).toBeCloseTo(1, 1);
});

function names(count: number): string[] {
  const { bytes, starts } = tickers(count);
  const text = Buffer.from(bytes).toString('latin1');
  return Array.from({ length: count }, (_, i) => text.slice(starts[i], starts[i + 1]));
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
