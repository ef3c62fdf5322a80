import { NaiveWindows, type ExpectedResult, type Trade } from './naive-windows.ts';
import type { PrintedRecord } from './topics.ts';
import type { Window } from '../../src/window/time-window.ts';

export interface Expected {
  /** `start symbol` -> the result's JSON. */
  readonly results: ReadonlyMap<string, string>;
  readonly late: number;
}

/**
 * What a pipeline must have written for the records of its input topic, partition by partition, with all windows
 * closed: computed plainly and apart from the product. Prices have two decimals.
 */
export function expectedResults(
  input: readonly PrintedRecord[],
  windows: readonly Window[],
  delayMs: number,
): Expected {
  const results = new Map<string, string>();
  let late = 0;
  for (const partition of new Set(input.map((record) => record.partition))) {
    const naive = new NaiveWindows(windows, delayMs, 'final');
    const names: string[] = [];
    const closed: ExpectedResult[] = [];
    for (const { value } of input.filter((record) => record.partition === partition)) {
      closed.push(...naive.take(tradeOf(value ?? '', names)));
    }
    closed.push(...naive.closeAll());
    late += naive.late.length;
    for (const result of closed) results.set(keyOf(result, names), jsonOf(result, names));
  }
  return { results, late };
}

/** The same of what was written; throws for a result that is there twice. */
export function writtenResults(output: readonly PrintedRecord[]): Map<string, string> {
  const results = new Map<string, string>();
  for (const { key, value } of output) {
    const { start, end } = JSON.parse(value ?? '') as { start: number; end: number };
    const name = `${start}-${end} ${key ?? ''}`;
    if (results.has(name)) throw new Error(`${name} was written twice`);
    results.set(name, value ?? '');
  }
  return results;
}

function tradeOf(csv: string, names: string[]): Trade {
  const [name, , price, quantity, timeMs] = csv.split(',');
  if (!names.includes(name)) names.push(name);
  const cents = Number(price.replace('.', ''));
  return { symbolId: names.indexOf(name), timeMs: Number(timeMs), price: cents, quantity: Number(quantity) };
}

function keyOf({ startMs, endMs, symbolId }: ExpectedResult, names: readonly string[]): string {
  return `${startMs}-${endMs} ${names[symbolId]}`;
}

function jsonOf({ startMs, endMs, symbolId, trades }: ExpectedResult, names: readonly string[]): string {
  const cents = trades.map(({ price }) => price);
  const sum = cents.reduce((total, each) => total + each, 0);
  return JSON.stringify({
    start: startMs,
    end: endMs,
    stockName: names[symbolId],
    price: sum / (cents.length * 100),
    minPrice: Math.min(...cents) / 100,
    maxPrice: Math.max(...cents) / 100,
    count: cents.length,
  });
}
