import type { Outgoing, PartitionWriter } from './partition-ports.ts';

/** What one owner has to commit. */
export interface Commitments {
  /** How many records wait; an offset alone may. */
  readonly waitingRecords: number;
  /** All that waits, at `position`: called between two pieces of input. */
  take(position: number): Commitment;
  /** Nothing waits, and everything before `committed` is committed. */
  rest(committed: number): void;
}

export interface Commitment {
  readonly records: Outgoing;
  readonly metadata: string;
  /** Records and offset are there for good. */
  committed(startedMs: number, endedMs: number): void;
}

export interface CommitterOptions {
  readonly writer: PartitionWriter;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly onCommit: () => void;
  /** The committer is of no more use. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Commits what one owner has, with the offset that it belongs to. One transaction at a time, while trades are taken
 * on; what comes up meanwhile goes out with the next one. Thus a slow broker delays results, and makes transactions
 * larger instead of trades slower. What is committed was captured when the transaction began, between two pieces, so
 * that results and offset always belong together.
 */
export class Committer {
  readonly #commitments: Commitments;
  readonly #options: CommitterOptions;
  /** The next offset to take; everything before it waits, is in flight or committed. */
  #position: number;
  #committed: number;
  #committedAtMs: number;
  #inFlight: Promise<void> | undefined;
  #hasFailed = false;

  constructor(commitments: Commitments, position: number, options: CommitterOptions) {
    this.#commitments = commitments;
    this.#options = options;
    this.#position = position;
    this.#committed = position;
    this.#committedAtMs = options.nowMs();
  }

  get committed(): number {
    return this.#committed;
  }

  /** Everything before `position` has been taken. Begins what is due: a transaction, else what rest there is. */
  advanceTo(position: number): void {
    this.#position = position;
    if (this.#inFlight !== undefined || this.#hasFailed) return;
    if (this.#isDue()) void this.#begin();
    else if (position === this.#committed) this.#commitments.rest(position);
  }

  /** Resolved at once, or, where so much waits that memory would grow, when the transaction under way has ended. */
  async room(): Promise<void> {
    while (this.#inFlight !== undefined && this.#commitments.waitingRecords >= MOST_WAITING_RECORDS)
      await this.#inFlight;
  }

  /** Commits everything up to the position; that this has failed is told to `onFailure`. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight;
    const hasNothing = this.#position === this.#committed && this.#commitments.waitingRecords === 0;
    if (this.#hasFailed || hasNothing) return;
    await this.#begin();
  }

  #isDue(): boolean {
    if (this.#commitments.waitingRecords > 0) return true;
    const sinceMs = this.#options.nowMs() - this.#committedAtMs;
    return this.#position > this.#committed && sinceMs >= OFFSET_EVERY_MS;
  }

  /** Never rejects. */
  #begin(): Promise<void> {
    this.#inFlight = this.#commit().then(
      () => {
        this.#inFlight = undefined;
        if (this.#isDue()) void this.#begin();
      },
      (error: unknown) => {
        this.#inFlight = undefined;
        this.#hasFailed = true; // nothing may follow on a producer that has failed
        this.#options.onFailure(error);
      },
    );
    return this.#inFlight;
  }

  async #commit(): Promise<void> {
    const { writer, nowMs, onCommit } = this.#options;
    const position = this.#position;
    const commitment = this.#commitments.take(position);
    const startedMs = nowMs();
    await writer.commit(commitment.records, position, commitment.metadata);
    const endedMs = nowMs();
    this.#committed = position;
    this.#committedAtMs = endedMs;
    onCommit();
    commitment.committed(startedMs, endedMs);
  }
}

const OFFSET_EVERY_MS = 1_000;
/** About 10 MB. */
const MOST_WAITING_RECORDS = 50_000;
