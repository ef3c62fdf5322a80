/*
 * What was measured and a plan reckons with: docs/performance.md says how, the benchmark named here measures it anew.
 * One machine's figures; a plan's flags override those that differ most from one to another.
 */
export const MEASURED = {
  /** CPU time of a trade, in µs: the catch-up's 1.91 M trades per CPU second (bench:catch-up). */
  cpuMicrosPerTrade: 0.52,
  /** CPU time of a result, in µs, whatever window / slide is (bench:ratio, less bench:catch-up): the most of three. */
  cpuMicrosPerResult: 8.6,
  /** Records of 67 bytes that one partition takes from producers in a second (bench:one-partition). */
  producerRecordsPerSecond: 410_000,
  /** Trades that one partition gives to one aggregator in a second: a core's, for it has one reader (bench:catch-up). */
  aggregatorTradesPerSecond: 1_510_000,
  /** Of one aggregator, at its peak in a catch-up: the most of all rounds (bench:catch-up). */
  aggregatorMemoryMb: 168,
  /** What Redis keeps beside a symbol's name and figures in a pane (bench:redis-restore: 46.4 bytes for 44.0). */
  redisOverhead: 46.4 / 44,
  /** Peak of Redis's memory, in what it keeps: a save stands beside what it replaces (bench:redis-restore). */
  redisPeak: 2.02,
  /** Longest wait for a result after a pod's SIGKILL, at the 99th percentile, with the operator (bench:pod-fail-over). */
  failOverMs: 636,
  /** The session time-out after which the group notices a death by itself. */
  sessionTimeoutMs: 6_000,
} as const;

/** docs/checkpoint-layout.md: figures of a symbol in a pane, and of a trade in a tail. */
export const CHECKPOINT_BYTES = {
  figures: 5 * 8,
  figuresWithVolume: 9 * 8,
  tail: 16,
  tailTrade: 3 * 8,
} as const;

/** What a record of Kafka's format 2 takes beside key and value: lengths, deltas and its part of the batch's header. */
export const RECORD_OVERHEAD_BYTES = 10;
export const HOURS_PER_MONTH = 730;
