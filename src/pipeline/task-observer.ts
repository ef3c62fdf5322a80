import { REJECTION_CODES, type RejectionCode } from '../trade/rejection.ts';

/** The states of a partition's task; see partition-task.ts. */
export const TASK_STATES = [
  'taking-over',
  'replaying',
  'processing',
  'waiting',
  'handing-over',
  'ended',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/**
 * What became of a transaction. `aborted`: it failed, and the next owner's fence aborts what is left of it; where only the
 * answer to its commit was lost, it may have taken effect. `fenced`: another owner had begun.
 */
export const TRANSACTION_OUTCOMES = ['committed', 'aborted', 'fenced'] as const;
export type TransactionOutcome = (typeof TRANSACTION_OUTCOMES)[number];

/** Every reason for a dead letter. */
export const DEAD_LETTER_CODES = REJECTION_CODES;

/** Told of what tasks do, for metrics and health; each call is cheap and none fails. */
export interface TaskObserver {
  /** A partition is in this state from now on. */
  state(partition: number, state: TaskState): void;
  /** Records were processed, those that are late or dead-lettered included. */
  processed(partition: number, records: number, late: number): void;
  /** Records without a value were passed over. */
  tombstones(partition: number, records: number): void;
  /** A record, or one of the trades in it, was no trade. */
  deadLettered(partition: number, code: RejectionCode): void;
  /** Records were folded again after a take-over, without results. */
  replayed(partition: number, records: number): void;
  /** Results were committed; `latencyMs` is how long after the newest window's end plus delay. */
  committed(partition: number, results: number, latencyMs: number | undefined, transactionMs: number): void;
  /** A transaction has ended, be it one that moves the offset alone. */
  transaction(partition: number, outcome: TransactionOutcome): void;
  takenOver(partition: number, durationMs: number): void;
  /** Records behind, and the watermark. */
  position(partition: number, lagRecords: number, watermarkMs: number): void;
  /** So many symbols of the partition trade in another one too. */
  splitSymbols(partition: number, symbols: number): void;
  checkpoint(partition: number, outcome: 'saved' | 'fenced' | 'failed'): void;
}

export const NO_OBSERVER: TaskObserver = {
  state: ignore,
  processed: ignore,
  tombstones: ignore,
  deadLettered: ignore,
  replayed: ignore,
  committed: ignore,
  transaction: ignore,
  takenOver: ignore,
  position: ignore,
  splitSymbols: ignore,
  checkpoint: ignore,
};

function ignore(): void {
  // Nobody watches.
}
