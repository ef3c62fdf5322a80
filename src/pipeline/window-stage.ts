import type { Checkpoint, CheckpointStore } from './checkpoint.ts';
import { CheckpointSaver } from './checkpoint-saver.ts';
import { Committer, type Commitment, type Commitments } from './committer.ts';
import type { Logger } from './logger.ts';
import { formatMetadata, type OffsetMetadata } from './offset-metadata.ts';
import { OutgoingBatch, type ResultValue } from './outgoing-batch.ts';
import { ownPartition } from './own-partition.ts';
import type { FetchedPiece, NeededSchema, PartitionLog, PartitionWriter } from './partition-ports.ts';
import { PartitionState, shapeOf, type StateOptions } from './partition-state.ts';
import type { CommitListener, PartitionWork, TakeOver } from './partition-work.ts';
import { neededFromMs, withFloorFor } from './replay-floor.ts';
import { SplitWatch } from './split-watch.ts';
import type { SymbolPlaces } from './symbol-places.ts';
import type { TaskObserver } from './task-observer.ts';

export interface WindowStageOptions {
  /** Where the trades come from. */
  readonly topic: string;
  readonly state: StateOptions;
  readonly log: PartitionLog;
  readonly checkpoints: CheckpointStore;
  /** Undefined where each symbol is known to keep to a partition. */
  readonly places: SymbolPlaces | undefined;
  readonly resultValue: ResultValue;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/**
 * The stage that computes: trades become windows, and windows results. A partition is taken over by loading the
 * checkpoint, which is of use if it is not ahead of the committed offset; a store that fails costs a longer replay and
 * no more.
 */
export function windowStage(options: WindowStageOptions): TakeOver {
  const { windows } = options.state.windows;
  return (partition, listener) =>
    ownPartition(partition, options, async ({ writer, committed, logStart, metadata }) => {
      const before = withFloorFor(windows, metadata);
      const floor = Math.min(before.floor, committed);
      const now: OffsetMetadata = { ...before, floor, epoch: before.epoch + 1n };
      // Committed before anything else, so that of two owners the later one always has the higher epoch.
      await writer.commit(NOTHING, committed, formatMetadata(now));
      const checkpoint = await usableCheckpoint(partition, logStart, committed, options);
      const from = checkpoint === undefined ? Math.max(floor, logStart) : Number(checkpoint.offset);
      const state = new PartitionState(options.state, now, from, checkpoint);
      const taken = { partition, writer, state, from, replayUntil: committed, epoch: now.epoch };
      return new WindowWork(taken, listener, options);
    });
}

async function usableCheckpoint(
  partition: number,
  logStart: number,
  committed: number,
  { checkpoints, state, logger }: WindowStageOptions,
): Promise<Checkpoint | undefined> {
  try {
    const checkpoint = await checkpoints.load(partition);
    if (checkpoint?.shape !== shapeOf(state)) return undefined;
    return checkpoint.offset <= committed && checkpoint.offset >= logStart ? checkpoint : undefined;
  } catch (error) {
    logger.warn({ partition, err: error }, 'no checkpoint can be loaded: replaying from Kafka');
    return undefined;
  }
}

const NOTHING = { results: [], late: [], deadLetters: [] };

interface Taken {
  readonly partition: number;
  readonly writer: PartitionWriter;
  readonly state: PartitionState;
  readonly from: number;
  readonly replayUntil: number;
  /** Rises with each owner. */
  readonly epoch: bigint;
}

class WindowWork implements PartitionWork, Commitments {
  readonly writer: PartitionWriter;
  readonly from: number;
  readonly replayUntil: number;
  readonly committer: Committer;
  readonly #taken: Taken;
  readonly #options: WindowStageOptions;
  readonly #outgoing: OutgoingBatch;
  readonly #saver: CheckpointSaver;
  readonly #splits: SplitWatch | undefined;

  constructor(taken: Taken, listener: CommitListener, options: WindowStageOptions) {
    const { partition, writer, state, from, replayUntil, epoch } = taken;
    this.writer = writer;
    this.from = from;
    this.replayUntil = replayUntil;
    this.#taken = taken;
    this.#options = options;
    this.#outgoing = new OutgoingBatch({ topic: options.topic, partition }, options.resultValue);
    this.#saver = new CheckpointSaver(partition, epoch, state, options);
    const { places } = options;
    this.#splits = places && new SplitWatch(partition, state.symbols, { ...options, places });
    this.committer = new Committer(this, replayUntil, { ...listener, writer, nowMs: options.nowMs });
  }

  get watermarkMs(): number {
    return this.#taken.state.watermarkMs;
  }

  replay(piece: FetchedPiece, position: number): NeededSchema | undefined {
    const { partition, state } = this.#taken;
    let records = 0;
    let needed: NeededSchema | undefined;
    for (const decoded of piece.records(state.codec, position, this.replayUntil)) {
      state.fold(decoded);
      state.results.clear();
      state.late.clear();
      records += decoded.records;
      needed = decoded.needs;
    }
    this.#options.observer.replayed(partition, records);
    return needed;
  }

  process(piece: FetchedPiece, position: number): NeededSchema | undefined {
    const { partition, state } = this.#taken;
    const { observer } = this.#options;
    const outgoing = this.#outgoing;
    let records = 0;
    let late = 0;
    let needed: NeededSchema | undefined;
    for (const decoded of piece.records(state.codec, position, piece.nextOffset)) {
      state.fold(decoded);
      if (decoded.progress !== undefined) state.advance(decoded.progress);
      records += decoded.records;
      if (decoded.tombstones > 0) observer.tombstones(partition, decoded.tombstones);
      late += state.late.row.length;
      outgoing.addLate(state.late, decoded, state.symbols);
      outgoing.addRejected(decoded);
      for (const { code } of decoded.trades.rejections) observer.deadLettered(partition, code);
      this.#splits?.look(state.results);
      outgoing.addResults(state.results, state.symbols);
      needed = decoded.needs;
    }
    observer.processed(partition, records, late);
    return needed;
  }

  idle(silentMs: number): void {
    const { state } = this.#taken;
    state.idle(silentMs);
    this.#outgoing.addResults(state.results, state.symbols);
  }

  /** A last checkpoint, at the same offset: the next owner replays nothing. */
  async handOver(): Promise<void> {
    await this.#saver.saveLast(this.committer.committed);
  }

  get waitingRecords(): number {
    return this.#outgoing.records;
  }

  take(position: number): Commitment {
    const { partition, state, epoch } = this.#taken;
    const { observer } = this.#options;
    const { windows, delayMs } = this.#options.state.windows;
    const { newestEndMs, ...records } = this.#outgoing.take();
    const split = this.#splits?.found;
    const metadata = formatMetadata({
      watermarkMs: state.watermarkMs,
      floor: state.floorAt(position),
      coversFromMs: neededFromMs(windows, state.watermarkMs),
      epoch,
      ...(state.sources === undefined ? {} : { sources: state.sources }),
      ...(split === undefined ? {} : { split }),
    });
    const checkpoint = this.#saver.captureIfDue(position);
    return {
      records,
      metadata,
      committed: (startedMs, endedMs) => {
        const dueMs = newestEndMs + delayMs;
        const latencyMs = Number.isFinite(dueMs) ? endedMs - dueMs : undefined;
        observer.committed(partition, records.results.length, latencyMs, endedMs - startedMs);
        if (checkpoint !== undefined) this.#saver.save(checkpoint);
      },
    };
  }

  rest(committed: number): void {
    const checkpoint = this.#saver.captureIfDue(committed);
    if (checkpoint !== undefined) this.#saver.save(checkpoint);
  }
}
