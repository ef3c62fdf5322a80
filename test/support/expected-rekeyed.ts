import type { UnkeyedRecord } from './unkeyed-trades.ts';

/** What a pipeline over unkeyed records must have written: the windows that the watermarks of all partitions have passed. */
export interface ExpectedRekeyed {
  /** `start-end symbol` -> the result's JSON. */
  readonly results: ReadonlyMap<string, string>;
  /** `partition/offset` -> how many trades of the record are late. */
  readonly late: ReadonlyMap<string, number>;
  /** `partition/offset` of the records that are no trade. */
  readonly dead: ReadonlySet<string>;
}

/**
 * Computed plainly and apart from the product: each partition judges by its own times alone which of its trades are
 * late; all others count, whatever partition they come from.
 */
export function expectedRekeyed(
  partitions: readonly (readonly UnkeyedRecord[])[],
  { sizeMs, slideMs, delayMs }: { sizeMs: number; slideMs: number; delayMs: number },
): ExpectedRekeyed {
  const windows = new Map<string, { sum: number; min: number; max: number; count: number }>();
  const late = new Map<string, number>();
  const dead = new Set<string>();
  const watermarksMs: number[] = [];
  for (const [partition, records] of partitions.entries()) {
    let watermarkMs = -Infinity;
    for (const [offset, { trades }] of records.entries()) {
      const place = `${partition}/${offset}`;
      if (trades.length === 0) dead.add(place);
      for (const { symbol, cents, timeMs } of trades) {
        if (timeMs < watermarkMs) {
          late.set(place, (late.get(place) ?? 0) + 1);
          continue;
        }
        watermarkMs = Math.max(watermarkMs, timeMs - delayMs);
        const lastMs = Math.floor(timeMs / slideMs) * slideMs;
        for (let startMs = lastMs; startMs > timeMs - sizeMs; startMs -= slideMs) {
          const name = `${startMs}-${startMs + sizeMs} ${symbol}`;
          const window = windows.get(name);
          if (window === undefined) {
            windows.set(name, { sum: cents, min: cents, max: cents, count: 1 });
            continue;
          }
          window.sum += cents;
          window.min = Math.min(window.min, cents);
          window.max = Math.max(window.max, cents);
          window.count++;
        }
      }
    }
    watermarksMs.push(watermarkMs);
  }
  const watermarkMs = Math.min(...watermarksMs);
  const closed = [...windows].filter(([name]) => Number(/-(\d+) /.exec(name)?.[1]) <= watermarkMs);
  const results = new Map(closed.map(([name, window]) => [name, jsonOf(name, window)]));
  return { results, late, dead };
}

function jsonOf(name: string, window: { sum: number; min: number; max: number; count: number }): string {
  const [, start, end, stockName] = /^(\d+)-(\d+) (.+)$/.exec(name) ?? [];
  const { sum, min, max, count } = window;
  return JSON.stringify({
    start: Number(start),
    end: Number(end),
    stockName,
    price: sum / (count * 100),
    minPrice: min / 100,
    maxPrice: max / 100,
    count,
  });
}
