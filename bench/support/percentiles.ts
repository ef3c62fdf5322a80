/** How long results took to be seen, in ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

/** Nearest rank: of 100 values the 99th is p99. Throws where there are none. */
export function percentiles(values: ArrayLike<number>): Percentiles {
  if (values.length === 0) throw new Error('There is nothing to take percentiles of: no result was seen.');
  const sorted = Float64Array.from(values).sort();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1), count: sorted.length };
}

/** `12 / 30 / 41`: p50, p99 and the most, in whole ms. */
export function percentilesText({ p50, p99, max }: Percentiles): string {
  return [p50, p99, max].map((each) => each.toFixed(0)).join(' / ');
}
