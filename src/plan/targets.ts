import type { Measure, Pipeline } from '../resource/pipeline.ts';

/** What is asked of a pipeline. */
export interface Targets {
  readonly windows: Pipeline['windows'];
  readonly delayMs: number;
  readonly measures: readonly Measure[];
  readonly symbols: number;
  /** At the peak. */
  readonly tradesPerSecond: number;
  /** Over a month, for what is stored and sent; at most the peak. */
  readonly averageTradesPerSecond: number;
  /** Key and value. */
  readonly recordBytes: number;
  readonly resultBytes: number;
  readonly symbolBytes: number;
  /** After an outage this long ... */
  readonly outageMs: number;
  /** ... all is worked off within this. */
  readonly replayWithinMs: number;
  /** The longest wait for a result after a pod's death; undefined: no matter. */
  readonly failOverMs: number | undefined;
  /** How many times the trades of today the partitions are to do for. */
  readonly growth: number;
  /** The share of a core that is kept free. */
  readonly headroom: number;
  readonly retentionMs: number;
  readonly replication: number;
  readonly zones: number;
  /** What one partition takes from producers, records a second. */
  readonly producerRecordsPerSecond: number;
  readonly prices: Prices;
}

/** Of one unit, in any currency; undefined: the plan tells amounts alone. */
export interface Prices {
  readonly vcpuHour: number | undefined;
  readonly memoryGbMonth: number | undefined;
  readonly redisGbMonth: number | undefined;
  readonly diskGbMonth: number | undefined;
  readonly crossZoneGb: number | undefined;
}

/** Length of the panes that windows over time share: what all sizes and slides are multiples of. */
export function paneMsOf({ windows }: Pick<Targets, 'windows'>): number {
  const lengths = windows.flatMap((window) =>
    window.kind === 'time' ? [window.sizeMs, window.slideMs] : [],
  );
  return lengths.reduce((a, b) => greatestCommonDivisor(a, b), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
