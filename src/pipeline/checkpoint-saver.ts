import type { CheckpointChange, CheckpointStore } from './checkpoint.ts';
import type { Logger } from './logger.ts';
import type { PartitionState } from './partition-state.ts';
import type { TaskObserver } from './task-observer.ts';

export interface CheckpointSaverOptions {
  readonly checkpoints: CheckpointStore;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/**
 * Saves one owner's checkpoints about once a second, one at a time and off the way of the trades: a store that is slow
 * or away costs the next take-over time, and this owner nothing.
 */
export class CheckpointSaver {
  readonly #partition: number;
  readonly #epoch: bigint;
  readonly #state: PartitionState;
  readonly #options: CheckpointSaverOptions;
  #capturedAtMs: number;
  /** What the last checkpoint stood for: without trades and without a moving watermark there is nothing to save. */
  #captured = { offset: -1, watermarkMs: NaN };
  /** The next save must be whole: the store has none that a change could go on top of. */
  #needsWhole = true;
  #saving: Promise<void> | undefined;

  constructor(partition: number, epoch: bigint, state: PartitionState, options: CheckpointSaverOptions) {
    this.#partition = partition;
    this.#epoch = epoch;
    this.#state = state;
    this.#options = options;
    this.#capturedAtMs = options.nowMs();
  }

  /**
   * The state as it is now, before `offset`, if a checkpoint is due and none is under way. To be saved once `offset` is
   * committed, for a checkpoint that is ahead of the committed offset is of no use.
   */
  captureIfDue(offset: number): CheckpointChange | undefined {
    const nowMs = this.#options.nowMs();
    const everyMs = this.#isCaptured(offset) ? UNCHANGED_EVERY_MS : EVERY_MS;
    if (this.#saving !== undefined || nowMs - this.#capturedAtMs < everyMs) return undefined;
    this.#capturedAtMs = nowMs;
    return this.#capture(offset);
  }

  /** Does not wait: the store may be slow. */
  save(change: CheckpointChange): void {
    this.#saving = this.#save(change).finally(() => {
      this.#saving = undefined;
    });
  }

  /** The last one, for the next owner; `offset` is committed. */
  async saveLast(offset: number): Promise<void> {
    await this.#saving;
    await this.#save(this.#capture(offset));
  }

  #isCaptured(offset: number): boolean {
    return this.#captured.offset === offset && this.#captured.watermarkMs === this.#state.watermarkMs;
  }

  #capture(offset: number): CheckpointChange {
    const change = this.#state.takeCheckpoint(offset, this.#needsWhole);
    this.#captured = { offset, watermarkMs: change.watermarkMs };
    this.#needsWhole = false;
    return change;
  }

  async #save(change: CheckpointChange): Promise<void> {
    const { checkpoints, observer, logger } = this.#options;
    try {
      const outcome = await checkpoints.save(this.#partition, this.#epoch, change);
      // Fenced: a later owner has saved. It has fenced the writer too, which is what ends this task.
      observer.checkpoint(this.#partition, outcome);
    } catch (error) {
      this.#needsWhole = true;
      this.#captured = { offset: -1, watermarkMs: NaN };
      observer.checkpoint(this.#partition, 'failed');
      logger.debug({ partition: this.#partition, err: error }, 'a checkpoint was not saved');
    }
  }
}

const EVERY_MS = 1_000;
/** So that the store does not take a quiet partition for one that is gone. */
const UNCHANGED_EVERY_MS = 60_000;
