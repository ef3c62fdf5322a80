import type { CheckpointSaver } from './checkpoint-saver.ts';
import { formatMetadata } from './offset-metadata.ts';
import { OutgoingBatch } from './outgoing-batch.ts';
import type { PartitionWriter } from './partition-ports.ts';
import type { PartitionState } from './partition-state.ts';
import { neededFromMs } from './replay-floor.ts';
import type { WindowOptions } from '../window/window-operator.ts';
import type { TaskObserver } from './task-observer.ts';

export interface CommitterOptions {
  readonly partition: number;
  readonly writer: PartitionWriter;
  readonly state: PartitionState;
  readonly saver: CheckpointSaver;
  readonly epoch: bigint;
  readonly windows: WindowOptions;
  readonly observer: TaskObserver;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly onCommit: () => void;
  /** The committer is of no more use. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Commits what one owner puts into `outgoing`, with the offset that it belongs to. One transaction at a time, while
 * trades are folded on; what closes meanwhile goes out with the next one. Thus a slow broker delays results, and makes
 * transactions larger instead of trades slower. What is committed was captured when the transaction began, between
 * two pieces, so that results and offset always belong together.
 */
export class Committer {
  readonly outgoing: OutgoingBatch;
  readonly #options: CommitterOptions;
  /** The next offset to fold; everything before it is in `outgoing`, in flight or committed. */
  #position: number;
  #committed: number;
  #committedAtMs: number;
  #inFlight: Promise<void> | undefined;
  #hasFailed = false;

  constructor(outgoing: OutgoingBatch, position: number, options: CommitterOptions) {
    this.outgoing = outgoing;
    this.#options = options;
    this.#position = position;
    this.#committed = position;
    this.#committedAtMs = options.nowMs();
  }

  get committed(): number {
    return this.#committed;
  }

  /** Everything before `position` has been folded. Begins what is due: a transaction, else a checkpoint. */
  advanceTo(position: number): void {
    this.#position = position;
    if (this.#inFlight !== undefined || this.#hasFailed) return;
    if (this.#isDue()) void this.#begin();
    else if (position === this.#committed) this.#saveIfDue();
  }

  /** Resolved at once, or, where so much waits that memory would grow, when the transaction under way has ended. */
  async room(): Promise<void> {
    while (this.#inFlight !== undefined && this.outgoing.records >= MOST_WAITING_RECORDS)
      await this.#inFlight;
  }

  /** Commits everything up to the position; that this has failed is told to `onFailure`. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight;
    if (this.#hasFailed || (this.#position === this.#committed && this.outgoing.isEmpty)) return;
    await this.#begin();
  }

  #saveIfDue(): void {
    const { saver } = this.#options;
    const checkpoint = saver.captureIfDue(this.#committed);
    if (checkpoint !== undefined) saver.save(checkpoint);
  }

  #isDue(): boolean {
    if (!this.outgoing.isEmpty) return true;
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
    const { partition, writer, state, saver, epoch, windows, observer, nowMs, onCommit } = this.#options;
    const position = this.#position;
    const { newestEndMs, ...records } = this.outgoing.take();
    const metadata = formatMetadata({
      watermarkMs: state.watermarkMs,
      floor: state.floorAt(position),
      coversFromMs: neededFromMs(windows.windows, state.watermarkMs),
      epoch,
    });
    const checkpoint = saver.captureIfDue(position);
    const startedMs = nowMs();
    await writer.commit(records, position, metadata);
    const endedMs = nowMs();
    const dueMs = newestEndMs + windows.delayMs;
    const latencyMs = Number.isFinite(dueMs) ? endedMs - dueMs : undefined;
    observer.committed(partition, records.results.length, latencyMs, endedMs - startedMs);
    this.#committed = position;
    this.#committedAtMs = endedMs;
    onCommit();
    if (checkpoint !== undefined) saver.save(checkpoint);
  }
}

const OFFSET_EVERY_MS = 1_000;
/** About 10 MB. */
const MOST_WAITING_RECORDS = 50_000;
