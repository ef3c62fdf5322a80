import type { ResultColumns } from '../window/results.ts';

/** Names of symbols by id. */
export interface SymbolNames {
  name(symbolId: number): string;
}

/** Where results go. Writes come one at a time, each awaited. */
export interface ResultSink {
  /** Takes `results` as they are; the columns are reused once the promise is settled. */
  write(results: ResultColumns, symbols: SymbolNames): Promise<void> | void;
  /** The run is over: everything is flushed and in its place. */
  finish(): Promise<void>;
  /** The run failed: nothing half-written is left behind, and an earlier run's output stays. */
  abandon(): Promise<void>;
}
