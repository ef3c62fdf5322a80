import { beforeEach, expect, test } from '@jest/globals';
import { SplitWatch } from '../../../src/pipeline/split-watch.ts';
import { memorySymbolPlaces, type SymbolPlaces } from '../../../src/pipeline/symbol-places.ts';
import { NO_OBSERVER } from '../../../src/pipeline/task-observer.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { ResultColumns } from '../../../src/window/results.ts';
import { eventually } from '../../support/partition-owner.ts';

const TEN_MINUTES_MS = 600_000;
let nowMs: number;
let warnings: string[];
let places: SymbolPlaces;
beforeEach(() => {
  nowMs = 1_000_000;
  warnings = [];
  places = memorySymbolPlaces();
});

/** A partition in which symbols trade. */
class Partition {
  readonly counts: number[] = [];
  readonly watch: SplitWatch;
  readonly #symbols = new SymbolTable();

  constructor(partition: number, known = places) {
    const nothing = (): void => undefined;
    this.watch = new SplitWatch(partition, this.#symbols, {
      places: known,
      observer: { ...NO_OBSERVER, splitSymbols: (_partition, symbols) => this.counts.push(symbols) },
      logger: {
        ...{ debug: nothing, info: nothing, error: nothing },
        warn: (fields) => warnings.push((fields as { symbol: string }).symbol),
      },
      nowMs: () => nowMs,
    });
  }

  /** A window of each symbol closes. */
  async trades(...symbols: string[]): Promise<void> {
    const results = new ResultColumns();
    for (const symbol of symbols) {
      const bytes = Buffer.from(symbol);
      results.symbolId[results.length++] = this.#symbols.intern(bytes, 0, bytes.length);
    }
    this.watch.look(results);
    await eventually('it is said', () => true);
  }
}

test('a symbol that keeps to a partition is nothing to tell of', async () => {
  const [one, other] = [new Partition(0), new Partition(1)];
  await one.trades('AMC', 'ANZ');
  await other.trades('BHP');
  await one.trades('AMC');
  expect([one.watch.found, other.watch.found]).toEqual([undefined, undefined]);
  expect(warnings).toEqual([]);
});

test('a symbol that trades in two is told of once, counted, and named with its other partition', async () => {
  const [one, other] = [new Partition(0), new Partition(3)];
  await one.trades('AMC', 'ANZ');
  await other.trades('ANZ', 'BHP');
  await other.trades('ANZ');
  expect(other.watch.found).toEqual({ count: 1, symbol: 'ANZ', otherPartition: 0 });
  expect(other.counts).toEqual([1]);
  expect(warnings).toEqual(['ANZ']);
});

test('an input without keys is told of by a few symbols, and all are counted', async () => {
  const symbols = Array.from({ length: 300 }, (_, i) => `S${i}`);
  const [one, other] = [new Partition(0), new Partition(1)];
  await one.trades(...symbols);
  await other.trades(...symbols);
  expect(other.watch.found?.count).toBe(300);
  expect(warnings).toHaveLength(5);
});

test('it is over some time after the producers have been put right, and not before', async () => {
  const [one, other] = [new Partition(0), new Partition(1)];
  await one.trades('AMC');
  await other.trades('AMC');
  nowMs += TEN_MINUTES_MS;
  await one.trades('AMC');
  await other.trades('AMC');
  expect(other.counts.at(-1)).toBe(1);
  for (let period = 0; period < 4; period++) {
    nowMs += TEN_MINUTES_MS;
    await other.trades('AMC');
  }
  expect(other.watch.found).toBeUndefined();
  expect(other.counts.at(-1)).toBe(0);
});

test('while the store is away nothing is told; once it is back the next window tells', async () => {
  let isAway = true;
  const known = memorySymbolPlaces();
  const flaky: SymbolPlaces = {
    claim: (...claimed) => (isAway ? Promise.reject(new Error('away')) : known.claim(...claimed)),
  };
  const [one, other] = [new Partition(0, flaky), new Partition(1, flaky)];
  await one.trades('AMC');
  await other.trades('AMC');
  expect(other.watch.found).toBeUndefined();
  isAway = false;
  await one.trades('AMC');
  await other.trades('AMC');
  expect(other.watch.found).toEqual({ count: 1, symbol: 'AMC', otherPartition: 0 });
});
