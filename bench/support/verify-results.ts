import { readTopic, type PrintedRecord } from '../../test/support/topics.ts';
import { windowKey, type ExpectedWindows, type WindowFigures } from './expected-windows.ts';

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
 * Reads a result topic with Kafka's own consumer under read_committed and compares it with what was recomputed.
 * Throws what `compareResults` throws.
 */
export async function verifyResults(
  brokers: string[],
  topic: string,
  sizeMs: number,
  expected: ExpectedWindows,
  precision: Precision,
): Promise<void> {
  compareResults(await readAll(brokers, topic, expected.size), sizeMs, expected, precision);
}

/** Compares results window by window. Throws for one that is missing, there twice, not expected, or different. */
export function compareResults(
  records: readonly Pick<PrintedRecord, 'key' | 'value'>[],
  sizeMs: number,
  expected: ExpectedWindows,
  precision: Precision,
): void {
  const seen = new Set<string>();
  for (const { key, value } of records) {
    const result = JSON.parse(value ?? 'null') as Result;
    const window = windowKey(result.start, result.stockName);
    const figures = expected.get(window);
    const wrong = (what: string): Error =>
      new Error(`${what}: ${value ?? ''}, expected ${JSON.stringify(figures)}`);
    if (key !== result.stockName) throw wrong(`a result has the key ${String(key)}`);
    if (seen.has(window)) throw wrong('a window is there twice');
    seen.add(window);
    if (figures === undefined) throw wrong('a window is not expected');
    if (!isSame(result, sizeMs, figures, precision)) throw wrong('a window is different');
  }
  if (seen.size === expected.size) return;
  const missing = [...expected.keys()].filter((window) => !seen.has(window));
  throw new Error(`${missing.length} of ${expected.size} windows are missing, first ${missing[0]}`);
}

function isSame(result: Result, sizeMs: number, figures: WindowFigures, precision: Precision): boolean {
  const average = figures.cents / (figures.count * 100);
  const isAverage =
    precision === 'exact' ? result.price === average : Math.abs(result.price / average - 1) < 1e-9;
  return (
    isAverage &&
    result.end === result.start + sizeMs &&
    result.count === figures.count &&
    result.minPrice === figures.min / 100 &&
    result.maxPrice === figures.max / 100
  );
}

/** The reader ends when nothing comes for a while; on a busy machine that may be before its first record. */
async function readAll(brokers: string[], topic: string, expected: number): Promise<PrintedRecord[]> {
  const records = await readTopic(brokers, topic);
  return records.length >= expected ? records : readTopic(brokers, topic, PATIENT_MS);
}

const PATIENT_MS = 30_000;
