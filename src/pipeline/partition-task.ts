import type { CheckpointStore } from './checkpoint.ts';
import type { Logger } from './logger.ts';
import { formatMetadata, NO_METADATA, parseMetadata, type OffsetMetadata } from './offset-metadata.ts';
import { neededFromMs, withFloorFor } from './replay-floor.ts';
import { OutgoingBatch, type ResultValue } from './outgoing-batch.ts';
import {
  failureKind,
  type FetchedPiece,
  type PartitionLog,
  type PartitionWriter,
} from './partition-ports.ts';
import { PartitionState, shapeOf, type StateOptions } from './partition-state.ts';
import { Serial } from './serial.ts';
import type { TaskObserver, TaskState } from './task-observer.ts';

/** What tasks are made with; one for all partitions of a pipeline. */
export interface TaskOptions {
  readonly pipeline: string;
  readonly topic: string;
  readonly state: StateOptions;
  readonly idleAfterMs: number | undefined;
  readonly log: PartitionLog;
  readonly checkpoints: CheckpointStore;
  readonly resultValue: ResultValue;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** A failure that would come again. */
  readonly onFatal: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly random: () => number;
}

/** Where a task stands once it has taken over. */
interface Held {
  readonly writer: PartitionWriter;
  readonly state: PartitionState;
  readonly epoch: bigint;
  /** Up to here the results are out already. */
  readonly replayUntil: number;
}

/**
 * One input partition in this process, exactly once.
 *
 *   taking-over ──▶ replaying ──▶ processing ──▶ handing-over ──▶ ended
 *     ▲     │           │             │
 *     │     ▼           ▼             ▼
 *     └── waiting ◀─────┴── any error ┘           (jittered back-off)
 *
 * taking-over   fences the transactional id, so that no earlier owner can write any more; reads the committed offset O
 *               with its metadata; loads the checkpoint, which is of use if it is not ahead of O.
 * replaying     folds again what the checkpoint does not hold, up to O; emits nothing, for its results are out.
 * processing    results and offset in one transaction; without results the offset moves about once a second.
 * handing-over  a last transaction and a last checkpoint at the same offset, so that the next owner replays nothing.
 *
 * After any error memory is dropped and the partition taken over anew: what a failed transaction has done is not
 * known, and Kafka knows it. A task that somebody else has fenced waits until the group has had time to say so.
 */
export class PartitionTask {
  readonly partition: number;
  readonly #options: TaskOptions;
  readonly #serial = new Serial();
  readonly #outgoing: OutgoingBatch;
  #state: TaskState = 'waiting';
  #held: Held | undefined;
  /** The next offset to fold. */
  #position = 0;
  #committed = 0;
  #endOffset = 0;
  #committedAtMs = 0;
  #checkpointAtMs = 0;
  /** The next checkpoint must be whole: the store has none that this one could change. */
  #needsWhole = true;
  #saving: Promise<void> | undefined;
  /** When the last records came, or the end of the partition was reached; whichever is later. */
  #quietSinceMs = Infinity;
  /** Up to when a broker has confirmed that nothing follows. A clock alone does not know: it goes on in a rebalance too. */
  #quietUntilMs = -Infinity;
  #failures = 0;

  constructor(partition: number, options: TaskOptions) {
    this.partition = partition;
    this.#options = options;
    this.#outgoing = new OutgoingBatch(`${options.topic}/${partition}`, options.resultValue);
  }

  get state(): TaskState {
    return this.#state;
  }

  /** Owns the partition from now on. Delivery is paused, synchronously, until it has taken over. */
  start(): void {
    this.#options.log.pause(this.partition);
    void this.#serial.run(() => this.#guarded(() => this.#takeOver()));
  }

  /** Takes what was fetched; resolved when it is committed, or when the task has no use for it. */
  take(piece: FetchedPiece): Promise<void> {
    return this.#serial.run(() => this.#guarded(() => this.#process(piece)));
  }

  /** A broker has told the partition's end, in answer to a fetch of `askedAtMs`: it was so then or later. */
  reachedEnd(nextOffset: number, endOffset: number, askedAtMs: number): void {
    this.#endOffset = endOffset;
    const atEnd = nextOffset >= endOffset && this.#position >= endOffset;
    if (!atEnd) {
      this.#quietSinceMs = Infinity;
      return;
    }
    if (this.#quietSinceMs === Infinity) this.#quietSinceMs = this.#options.nowMs();
    this.#quietUntilMs = askedAtMs;
  }

  /** Now and then: idle time, and offsets that no result has moved. */
  tick(): Promise<void> {
    if (this.#state !== 'processing' || this.#serial.isBusy) return Promise.resolve();
    return this.#serial.run(() => this.#guarded(() => this.#onTick()));
  }

  /** The process ends in order: the next owner replays nothing. */
  async handOver(): Promise<void> {
    await this.#serial.run(() => this.#guarded(() => this.#handOver()));
    await this.end();
  }

  /** The partition is no longer ours. */
  async end(): Promise<void> {
    this.#become('ended');
    const held = this.#held;
    this.#held = undefined;
    await held?.writer.discard().catch((error: unknown) => {
      this.#options.logger.debug(
        { partition: this.partition, err: error },
        'a producer did not close in order',
      );
    });
  }

  async #takeOver(): Promise<void> {
    if (this.#isEnded()) return;
    const { log, checkpoints, state: stateOptions, nowMs } = this.#options;
    const startedMs = nowMs();
    this.#become('taking-over');
    const writer = log.newWriter(this.partition);
    try {
      await writer.fence();
      const { offset, metadata, logStart } = await log.position(this.partition);
      const committed = Math.max(offset ?? logStart, logStart);
      const before = withFloorFor(stateOptions.windows.windows, this.#metadataOf(metadata, offset));
      const now: OffsetMetadata = {
        ...before,
        floor: Math.min(before.floor, committed),
        epoch: before.epoch + 1n,
      };
      // Committed before anything else, so that of two owners the later one always has the higher epoch.
      await writer.commit(NOTHING, committed, formatMetadata(now));
      const checkpoint = await this.#loadCheckpoint(checkpoints, committed, logStart);
      const from = checkpoint === undefined ? Math.max(now.floor, logStart) : Number(checkpoint.offset);
      const state = new PartitionState(stateOptions, now, from, checkpoint);
      if (this.#isEnded()) {
        await writer.discard();
        return;
      }
      this.#hold({ writer, state, epoch: now.epoch, replayUntil: committed }, from);
      this.#options.observer.takenOver(this.partition, nowMs() - startedMs);
    } catch (error) {
      await writer.discard().catch(alreadyGone);
      throw error;
    }
  }

  #hold(held: Held, from: number): void {
    const nowMs = this.#options.nowMs();
    this.#held = held;
    this.#position = from;
    this.#committed = held.replayUntil;
    this.#committedAtMs = nowMs;
    this.#checkpointAtMs = nowMs;
    this.#needsWhole = true;
    this.#quietSinceMs = Infinity;
    this.#quietUntilMs = -Infinity;
    this.#outgoing.clear();
    this.#become(from < held.replayUntil ? 'replaying' : 'processing');
    this.#options.log.seek(this.partition, from);
    this.#options.log.resume(this.partition);
  }

  #metadataOf(text: string, offset: number | undefined): OffsetMetadata {
    if (offset === undefined) return NO_METADATA;
    const metadata = parseMetadata(text);
    if (metadata !== undefined) return metadata;
    this.#options.logger.warn(
      { partition: this.partition, offset, metadata: text },
      'the committed offset was not written by this pipeline: windows open there begin anew',
    );
    return { ...NO_METADATA, floor: offset };
  }

  async #loadCheckpoint(store: CheckpointStore, committed: number, logStart: number) {
    const { logger, state } = this.#options;
    try {
      const checkpoint = await store.load(this.partition);
      if (checkpoint?.shape !== shapeOf(state)) return undefined;
      return checkpoint.offset <= committed && checkpoint.offset >= logStart ? checkpoint : undefined;
    } catch (error) {
      logger.warn(
        { partition: this.partition, err: error },
        'no checkpoint can be loaded: replaying from Kafka',
      );
      return undefined;
    }
  }

  async #process(piece: FetchedPiece): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    this.#endOffset = piece.endOffset;
    if (piece.fromOffset > this.#position || piece.nextOffset <= this.#position) {
      // Fetched before a seek; it would leave a gap or repeat.
      this.#options.log.seek(this.partition, this.#position);
      return;
    }
    if (this.#state === 'replaying') this.#replay(held, piece);
    if (this.#position >= held.replayUntil) await this.#processFrom(held, piece);
  }

  #replay({ state, replayUntil }: Held, piece: FetchedPiece): void {
    let records = 0;
    for (const decoded of piece.records(state.codec, this.#position, replayUntil)) {
      state.fold(decoded);
      state.results.clear();
      state.late.clear();
      records += decoded.trades.length + decoded.trades.rejections.length;
    }
    this.#position = Math.min(piece.nextOffset, replayUntil);
    this.#options.observer.replayed(this.partition, records);
    if (this.#position === replayUntil) this.#become('processing');
  }

  async #processFrom(held: Held, piece: FetchedPiece): Promise<void> {
    const { state } = held;
    const outgoing = this.#outgoing;
    let records = 0;
    for (const decoded of piece.records(state.codec, this.#position, piece.nextOffset)) {
      state.fold(decoded);
      records += decoded.trades.length + decoded.trades.rejections.length;
      outgoing.addLate(state.late, decoded, state.symbols);
      outgoing.addRejected(decoded);
      outgoing.addResults(state.results, state.symbols);
    }
    this.#position = piece.nextOffset;
    this.#options.observer.processed(
      this.partition,
      records,
      outgoing.late.length,
      outgoing.deadLetters.length,
    );
    this.#quietSinceMs = this.#position >= piece.endOffset ? this.#options.nowMs() : Infinity;
    await this.#commitIfDue(held);
  }

  async #onTick(): Promise<void> {
    const held = this.#held;
    const { idleAfterMs } = this.#options;
    if (held === undefined) return;
    const silentMs = this.#quietUntilMs - this.#quietSinceMs;
    if (idleAfterMs !== undefined && silentMs >= idleAfterMs) {
      held.state.idle(silentMs);
      this.#outgoing.addResults(held.state.results, held.state.symbols);
    }
    await this.#commitIfDue(held);
  }

  async #commitIfDue(held: Held): Promise<void> {
    const { nowMs, observer } = this.#options;
    const isDue = this.#position > this.#committed && nowMs() - this.#committedAtMs >= OFFSET_EVERY_MS;
    if (isDue || !this.#outgoing.isEmpty) await this.#commit(held);
    observer.position(this.partition, Math.max(0, this.#endOffset - this.#position), held.state.watermarkMs);
    if (nowMs() - this.#checkpointAtMs >= CHECKPOINT_EVERY_MS && this.#position === this.#committed) {
      this.#saveCheckpoint(held);
    }
  }

  async #commit({ writer, state, epoch }: Held): Promise<void> {
    const { nowMs, observer, state: options } = this.#options;
    const outgoing = this.#outgoing;
    const position = this.#position;
    const { watermarkMs } = state;
    const coversFromMs = neededFromMs(options.windows.windows, watermarkMs);
    const metadata = { watermarkMs, floor: state.floorAt(position), coversFromMs, epoch };
    const startedMs = nowMs();
    await writer.commit(outgoing, position, formatMetadata(metadata));
    const endedMs = nowMs();
    const dueMs = outgoing.newestEndMs + options.windows.delayMs;
    const latencyMs = Number.isFinite(dueMs) ? endedMs - dueMs : undefined;
    observer.committed(this.partition, outgoing.results.length, latencyMs, endedMs - startedMs);
    this.#committed = position;
    this.#committedAtMs = endedMs;
    this.#failures = 0;
    outgoing.clear();
  }

  /** Detached: the store may be slow, and the state at this offset is captured already. One at a time. */
  #saveCheckpoint(held: Held): void {
    if (this.#saving !== undefined) return;
    this.#checkpointAtMs = this.#options.nowMs();
    this.#saving = this.#save(held).finally(() => {
      this.#saving = undefined;
    });
  }

  async #save({ state, epoch }: Held): Promise<void> {
    const { checkpoints, observer, logger } = this.#options;
    const change = state.takeCheckpoint(this.#committed, this.#needsWhole);
    this.#needsWhole = false;
    try {
      const outcome = await checkpoints.save(this.partition, epoch, change);
      // A later owner has saved. It has fenced the writer too, which is what ends this task.
      observer.checkpoint(this.partition, outcome);
    } catch (error) {
      this.#needsWhole = true;
      observer.checkpoint(this.partition, 'failed');
      logger.debug({ partition: this.partition, err: error }, 'a checkpoint was not saved');
    }
  }

  async #handOver(): Promise<void> {
    const held = this.#held;
    if (held === undefined || this.#state !== 'processing') return;
    this.#become('handing-over');
    this.#options.log.pause(this.partition);
    if (this.#position > this.#committed || !this.#outgoing.isEmpty) await this.#commit(held);
    await this.#saving;
    await this.#save(held);
  }

  /** Any failure leads back to taking over, but for one that would come again. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#isEnded()) return;
      this.#drop();
      const kind = failureKind(error);
      const { logger, onFatal } = this.#options;
      if (kind === 'fatal') {
        onFatal(error);
        return;
      }
      logger.info({ partition: this.partition, kind, err: error }, 'taking the partition over again');
      this.#scheduleTakeOver(kind);
    }
  }

  #drop(): void {
    this.#options.log.pause(this.partition);
    this.#held?.writer.discard().catch(alreadyGone);
    this.#held = undefined;
    this.#become('waiting');
  }

  #scheduleTakeOver(kind: 'retry' | 'fenced'): void {
    const longestMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** this.#failures++);
    const jitteredMs = longestMs * (0.5 + 0.5 * this.#options.random());
    const delayMs = kind === 'fenced' ? AFTER_FENCING_MS + jitteredMs : jitteredMs;
    setTimeout(() => {
      if (!this.#isEnded()) void this.#serial.run(() => this.#guarded(() => this.#takeOver()));
    }, delayMs);
  }

  #become(state: TaskState): void {
    if (this.#state === 'ended') return;
    this.#state = state;
    this.#options.observer.state(this.partition, state);
    this.#options.logger.info({ partition: this.partition, state }, 'partition');
  }

  #isEnded(): boolean {
    return this.#state === 'ended';
  }
}

const OFFSET_EVERY_MS = 1_000;
const CHECKPOINT_EVERY_MS = 1_000;
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 2_000;
/** Two heartbeats and a round of joining: who has lost the partition knows it by then. */
const AFTER_FENCING_MS = 1_500;
const NOTHING = { results: [], late: [], deadLetters: [] };

function alreadyGone(): void {
  // The producer failed before; that it does not close in order either tells nothing new.
}
