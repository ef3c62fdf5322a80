import { readTopic } from '../../test/support/topics.ts';
import { windowKey, type ExpectedWindows } from './expected-windows.ts';

/** How near a job's averages must be: `exact` is the double nearest to the true average, `drift` is within 1e-9 of it. */
export type Precision = 'exact' | 'drift';

/** A result as every job writes it. */
interface Result {
  readonly start: number;
  readonly end: number;
  readonly stockName: string;
  readonly price: number;
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly count: number;
}

/**
 * Reads a result topic with Kafka's own consumer under read_committed and compares it, window by window, with what
 * was recomputed. Throws for a window that is missing, twice, not expected, or different.
 */
export async function verifyResults(
  brokers: string[],
  topic: string,
  sizeMs: number,
  expected: ExpectedWindows,
  precision: Precision,
): Promise<void> {
  const seen = new Set<string>();
  for (const { key, value } of await readTopic(brokers, topic)) {
    const result = JSON.parse(value ?? 'null') as Result;
    const window = windowKey(result.start, result.stockName);
    const wrong = (what: string): Error => new Error(`${topic}: ${what}: ${value ?? ''}`);
    if (key !== result.stockName) throw wrong(`the key is ${String(key)}`);
    if (seen.has(window)) throw wrong('a window is there twice');
    seen.add(window);
    const figures = expected.get(window);
    if (figures === undefined) throw wrong('a window is not expected');
    const average = figures.cents / (figures.count * 100);
    const isAverage =
      precision === 'exact' ? result.price === average : Math.abs(result.price / average - 1) < 1e-9;
    const isSame =
      isAverage &&
      result.end === result.start + sizeMs &&
      result.count === figures.count &&
      Math.round(result.minPrice * 100) === figures.min &&
      Math.round(result.maxPrice * 100) === figures.max;
    if (!isSame) throw wrong(`a window differs from ${JSON.stringify({ average, ...figures })}`);
  }
  if (seen.size === expected.size) return;
  const missing = [...expected.keys()].filter((window) => !seen.has(window));
  throw new Error(`${topic}: ${missing.length} of ${expected.size} windows are missing, first ${missing[0]}`);
}
