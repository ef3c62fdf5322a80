import type { Committer } from './committer.ts';
import type { FetchedPiece, NeededSchema, PartitionWriter } from './partition-ports.ts';

/** A partition as it was taken over, and what its owner does with it; nobody before can write to it any more. */
export interface PartitionWork {
  readonly writer: PartitionWriter;
  /** The offset to read next. */
  readonly from: number;
  /** The committed offset: what comes before it is out already. */
  readonly replayUntil: number;
  readonly watermarkMs: number;
  readonly committer: Committer;
  /**
   * Takes records from `position` on and before `replayUntil` again, without output. Returns the schema without which
   * it had to stop, and where.
   */
  replay(piece: FetchedPiece, position: number): NeededSchema | undefined;
  /** Takes the records from `position` on; what follows from them waits in the committer. Returns the same. */
  process(piece: FetchedPiece, position: number): NeededSchema | undefined;
  /** The partition is read to its end, and nothing has come for so long. */
  idle(silentMs: number): void;
  /** Everything is committed: leaves what the next owner can go on from. */
  handOver(): Promise<void>;
}

/** Told by a work's committer. */
export interface CommitListener {
  readonly onCommit: () => void;
  /** The work is of no more use. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Fences every earlier owner and takes the partition over: what a stage of a pipeline does with its partitions. Throws
 * a failure of the log.
 */
export type TakeOver = (partition: number, listener: CommitListener) => Promise<PartitionWork>;
