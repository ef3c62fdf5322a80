import { aloneMessages } from '../trade/alone-message.ts';
import { tradeCodec, type CodecOptions, type TradeCodec } from '../trade/codec.ts';
import { SymbolTable } from '../trade/symbol-table.ts';
import { paneMsOf, type Window } from '../window/time-window.ts';
import { LateTrades } from '../window/trade-columns.ts';
import { Watermark } from '../window/watermark.ts';
import { Committer, type Commitment, type Commitments } from './committer.ts';
import type { Logger } from './logger.ts';
import { formatMetadata } from './offset-metadata.ts';
import { RejectedBatch } from './rejected-batch.ts';
import { ownPartition } from './own-partition.ts';
import type {
  DecodedRecords,
  FetchedPiece,
  NeededSchema,
  OutgoingRecord,
  PartitionLog,
  PartitionWriter,
} from './partition-ports.ts';
import type { CommitListener, PartitionWork, TakeOver } from './partition-work.ts';
import { formatProgress } from './source-progress.ts';
import type { TaskObserver } from './task-observer.ts';

export interface RekeyStageOptions {
  /** The input, whose partitions are the sources. */
  readonly topic: string;
  readonly codec: CodecOptions;
  readonly windows: readonly Window[];
  readonly delayMs: number;
  readonly log: PartitionLog;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/**
 * The stage before the windows of an input that is not keyed by symbol: writes each trade as it came, keyed by its
 * symbol, to a topic between the stages, and the input's offset in the same transaction. It also judges which trades
 * are late, because the order in which a source's trades stand is lost after it; and tells every partition how far the
 * source is. It has no state but a watermark, so nothing is replayed.
 */
export function rekeyStage(options: RekeyStageOptions): TakeOver {
  return (partition, listener) =>
    ownPartition(partition, options, async ({ writer, committed, metadata }) => {
      const work = new RekeyWork(
        { partition, writer, from: committed, epoch: metadata.epoch + 1n },
        new Watermark(options.delayMs, metadata.watermarkMs),
        listener,
        options,
      );
      const commitment = work.take(committed);
      await writer.commit(commitment.records, committed, commitment.metadata);
      return work;
    });
}

interface Taken {
  readonly partition: number;
  readonly writer: PartitionWriter;
  readonly from: number;
  /** Rises with each owner. */
  readonly epoch: bigint;
}

class RekeyWork implements PartitionWork, Commitments {
  readonly writer: PartitionWriter;
  readonly from: number;
  readonly replayUntil: number;
  readonly committer: Committer;
  readonly #taken: Taken;
  readonly #options: RekeyStageOptions;
  readonly #watermark: Watermark;
  readonly #codec: TradeCodec;
  readonly #symbols = new SymbolTable();
  readonly #late = new LateTrades();
  readonly #rejected: RejectedBatch;
  #trades: OutgoingRecord[] = [];
  /** Windows end at multiples of it only, so nothing is told of less. */
  readonly #stepMs: number;
  /** From this silence on nothing is told any more: every window that a trade has opened has closed. */
  readonly #longestSilenceMs: number;
  /** What was told last, or waits; undefined: nothing by this owner. */
  #told: { readonly watermarkMs: number; readonly isIdle: boolean } | undefined;
  #isIdle = false;

  constructor(taken: Taken, watermark: Watermark, listener: CommitListener, options: RekeyStageOptions) {
    const { partition, writer, from } = taken;
    this.writer = writer;
    this.from = from;
    this.replayUntil = from;
    this.#taken = taken;
    this.#options = options;
    this.#watermark = watermark;
    this.#codec = tradeCodec(options.codec, this.#symbols);
    this.#rejected = new RejectedBatch({ topic: options.topic, partition });
    const timeWindows = options.windows.filter((window) => window.kind === 'time');
    this.#stepMs = paneMsOf(timeWindows) || STEP_WITHOUT_WINDOWS_MS;
    this.#longestSilenceMs =
      options.delayMs + Math.max(0, ...timeWindows.map(({ sizeMs }) => sizeMs)) + this.#stepMs;
    this.committer = new Committer(this, from, { ...listener, writer, nowMs: options.nowMs });
  }

  get watermarkMs(): number {
    return this.#watermark.atMs;
  }

  replay(): undefined {
    // what comes before the committed offset was passed on, and left nothing here
  }

  process(piece: FetchedPiece, position: number): NeededSchema | undefined {
    const { observer } = this.#options;
    const { partition } = this.#taken;
    let records = 0;
    let late = 0;
    let needed: NeededSchema | undefined;
    for (const decoded of piece.records(this.#codec, position, piece.nextOffset)) {
      if (decoded.trades.length > 0) this.#becomeActive();
      this.#passOn(decoded);
      records += decoded.records;
      if (decoded.tombstones > 0) observer.tombstones(partition, decoded.tombstones);
      late += this.#late.length;
      this.#rejected.addLate(this.#late, decoded, this.#symbols);
      this.#rejected.addRejected(decoded);
      for (const { code } of decoded.trades.rejections) observer.deadLettered(partition, code);
      needed = decoded.needs;
    }
    observer.processed(partition, records, late);
    return needed;
  }

  idle(silentMs: number): void {
    this.#isIdle = true;
    this.#watermark.idle(Math.min(silentMs, this.#longestSilenceMs));
  }

  async handOver(): Promise<void> {
    // Everything that the next owner needs is committed with the offset.
  }

  get waitingRecords(): number {
    const { late, deadLetters } = this.#rejected;
    return this.#trades.length + late.length + deadLetters.length + (this.#isProgressDue ? 1 : 0);
  }

  take(position: number): Commitment {
    if (this.#isProgressDue) this.#tellProgress();
    const { partition, epoch } = this.#taken;
    const { observer } = this.#options;
    const results = this.#trades;
    this.#trades = [];
    return {
      records: { results, ...this.#rejected.take() },
      metadata: formatMetadata({ watermarkMs: this.#watermark.atMs, floor: position, epoch }),
      committed: (startedMs, endedMs) => {
        observer.committed(partition, results.length, undefined, endedMs - startedMs);
      },
    };
  }

  rest(): void {
    // There is no state to save.
  }

  /** The watermark at each trade decides, so that what is late follows from the source alone. */
  #passOn({ bytes, trades, headersOf }: DecodedRecords): void {
    const watermark = this.#watermark;
    const aloneAt = aloneMessages(new Uint8Array(bytes), trades); // a copy: they wait longer than the piece's bytes last
    for (let row = 0; row < trades.length; row++) {
      const timeMs = trades.timeMs[row];
      if (timeMs < watermark.atMs) {
        this.#late.add(row, watermark.atMs);
        continue;
      }
      watermark.observe(timeMs);
      const key = this.#symbols.name(trades.symbolId[row]);
      this.#trades.push({ key, value: aloneAt(row), headers: headersOf(row) });
    }
  }

  /** Told before the trades that end the silence, so that from then on they are waited for. */
  #becomeActive(): void {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    if (this.#told?.isIdle === true) this.#tellProgress();
  }

  get #progress() {
    const watermarkMs = Math.floor(this.#watermark.atMs / this.#stepMs) * this.#stepMs;
    return { watermarkMs, isIdle: this.#isIdle };
  }

  get #isProgressDue(): boolean {
    const { watermarkMs, isIdle } = this.#progress;
    return watermarkMs !== this.#told?.watermarkMs || isIdle !== this.#told.isIdle;
  }

  /** Behind all trades that wait. */
  #tellProgress(): void {
    this.#told = this.#progress;
    const value = formatProgress({ source: this.#taken.partition, ...this.#told });
    this.#trades.push({ key: null, value, toAll: true });
  }
}

const STEP_WITHOUT_WINDOWS_MS = 1_000;
