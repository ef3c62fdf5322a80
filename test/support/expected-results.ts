import { NaiveWindows, type ExpectedResult, type Trade } from './naive-windows.ts';
import type { PrintedRecord } from './topics.ts';
import type { Window } from '../../src/window/time-window.ts';

export interface Expected {
  /** `start-end symbol` -> the result's JSON. */
  readonly results: ReadonlyMap<string, string>;
  /** `partition/offset` of each record, by what becomes of it: every record is in one of the four. */
  readonly counted: ReadonlySet<string>;
  readonly late: ReadonlySet<string>;
  readonly dead: ReadonlySet<string>;
  /** Records without a value, which are passed over. */
  readonly tombstones: ReadonlySet<string>;
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
  const counted = new Set<string>();
  const late = new Set<string>();
  const dead = new Set<string>();
  const tombstones = new Set<string>();
  for (const partition of new Set(input.map((record) => record.partition))) {
    const naive = new NaiveWindows(windows, delayMs, 'final');
    const names: string[] = [];
    const placeOf = new Map<Trade, string>();
    const closed: ExpectedResult[] = [];
    for (const { offset, value } of input.filter((record) => record.partition === partition)) {
      const place = `${partition}/${offset}`;
      if (value === null) {
        tombstones.add(place);
        continue;
      }
      const trade = tradeOf(value, names);
      if (trade === undefined) {
        dead.add(place);
      } else {
        placeOf.set(trade, place);
        closed.push(...naive.take(trade));
      }
    }
    closed.push(...naive.closeAll());
    const places = (trades: readonly Trade[]) => trades.map((trade) => placeOf.get(trade) ?? '');
    for (const place of places(naive.late)) late.add(place);
    for (const result of closed) {
      for (const place of places(result.trades)) counted.add(place);
      results.set(keyOf(result, names), jsonOf(result, names));
    }
  }
  return { results, counted, late, dead, tombstones };
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

/** `partition/offset` of the records that a late or dead-letter topic tells of; throws for one that is there twice. */
export function rejectedPlaces(output: readonly PrintedRecord[]): Set<string> {
  const places = new Set<string>();
  for (const { value } of output) {
    const { partition, offset } = JSON.parse(value ?? '') as { partition: number; offset: number };
    const place = `${partition}/${offset}`;
    if (places.has(place)) throw new Error(`partition ${partition}, offset ${offset}, was written twice`);
    places.add(place);
  }
  return places;
}

/** Undefined for what is no trade. */
function tradeOf(csv: string, names: string[]): Trade | undefined {
  if (!/^\w+,[A-Z ]+,\d+\.\d\d,\d+,\d+,/.test(csv)) return undefined;
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
