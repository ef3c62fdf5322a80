import type { CountWindowState } from '../window/count-windows.ts';

/** One pane as a checkpoint keeps it: symbols by name, for ids differ from process to process. */
export interface CheckpointPane {
  readonly startMs: number;
  readonly symbols: readonly string[];
  /** A row of figures for each symbol, one after the other (window/accumulator.ts). */
  readonly figures: Float64Array;
}

/** A symbol's last trades in one count window, by name. */
export interface CheckpointTail extends Omit<CountWindowState, 'symbolId'> {
  /** Position of the window among the pipeline's count windows. */
  readonly window: number;
  readonly symbol: string;
}

/** The state of one input partition after everything before `offset`. */
export interface Checkpoint {
  /** The next offset to read. */
  readonly offset: bigint;
  readonly watermarkMs: number;
  /** Which windows the figures were made for: a checkpoint of another shape is of no use. */
  readonly shape: string;
  readonly panes: readonly CheckpointPane[];
  readonly tails: readonly CheckpointTail[];
}

/** What changed since the last save; the rest stays as it is in the store. */
export interface CheckpointChange extends Checkpoint {
  /** True: the store's panes and tails are replaced by these. False: panes of the same start are, and others stay. */
  readonly whole: boolean;
  /** Panes that begin before this are closed and go. */
  readonly dropBeforeMs: number;
}

/**
 * Where checkpoints are kept. A warm copy: Kafka alone is enough to recover, so a store that is down, slow, empty or
 * full costs time at the next take-over and nothing else.
 */
export interface CheckpointStore {
  /**
   * Saves atomically. Refuses, with 'fenced', an epoch older than the one that saved last. `epoch` rises with each
   * take-over of the partition. Rejects when the store does not answer within its time-out; the caller saves whole next.
   */
  save(partition: number, epoch: bigint, change: CheckpointChange): Promise<'saved' | 'fenced'>;
  /** The last checkpoint, or undefined where there is none, it has expired, or cannot be read. */
  load(partition: number): Promise<Checkpoint | undefined>;
  /** Whether the store answered last time; for health. */
  readonly isHealthy: boolean;
  close(): Promise<void>;
}
