import type { DecodedRecords, FetchedPiece } from '../pipeline/partition-ports.ts';
import { parseProgress, type SourceProgress } from '../pipeline/source-progress.ts';
import type { TradeCodec } from '../trade/codec.ts';
import { decodeLines } from '../trade/decode-lines.ts';
import { tombstone } from '../trade/rejection.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import type { FetchedRecords } from './raw-fetch.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';

/**
 * What a record's value is: `trade`, one. `lines`: one or more, each on a line. `rekeyed`: one that the re-keying stage
 * has passed on, or, without a key, what it tells of a source.
 */
export type RecordKind = 'trade' | 'lines' | 'rekeyed';

/** Decodes what fetches bring of one partition; its columns are reused from batch to batch. */
export class PieceDecoder {
  readonly #kind: RecordKind;
  readonly #cursor = new RecordCursor();
  readonly #trades = new TradeBatch();
  #offsets = new Float64Array(4096);

  constructor(kind: RecordKind = 'trade') {
    this.#kind = kind;
  }

  piece(fetched: FetchedRecords): FetchedPiece {
    return {
      fromOffset: fetched.fromOffset,
      nextOffset: fetched.nextOffset,
      endOffset: fetched.highWatermark,
      records: (codec, offset, before) =>
        this.#records(fetched.batches, codec, Math.max(offset, fetched.fromOffset), before),
    };
  }

  *#records(
    batches: readonly RecordBatch[],
    codec: TradeCodec,
    offset: number,
    before: number,
  ): Generator<DecodedRecords> {
    for (const batch of batches) {
      if (batch.lastOffset < offset) continue;
      if (batch.baseOffset >= before) return;
      yield this.#decoded(batch, codec, offset, before);
    }
  }

  /** Hot path: the cursor walks the bytes, the codec fills the columns. */
  #decoded(batch: RecordBatch, codec: TradeCodec, offset: number, before: number): DecodedRecords {
    const cursor = this.#cursor.open(batch, offset);
    const trades = this.#trades;
    trades.clear();
    const rejectedOffsets: number[] = [];
    const rejectedKeys: (Uint8Array | null)[] = [];
    const progress: SourceProgress[] = [];
    while (cursor.next() && cursor.offset < before) {
      const told = this.#kind === 'rekeyed' && cursor.keyStart < 0 ? progressOf(cursor) : undefined;
      if (told !== undefined) {
        progress.push(told);
        continue;
      }
      const decoded = trades.length;
      const rejected = trades.rejections.length;
      if (cursor.valueStart < 0) trades.rejections.push(tombstone());
      else if (this.#kind === 'lines') decodeAllLines(cursor, codec, trades);
      else codec.decode(cursor.bytes, cursor.valueStart, cursor.valueEnd, trades);
      if (trades.length > decoded) this.#placeRows(decoded, trades.length, cursor.offset);
      for (let i = rejected; i < trades.rejections.length; i++) {
        rejectedOffsets.push(cursor.offset);
        rejectedKeys.push(cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd));
      }
    }
    const offsets = this.#offsets;
    return { bytes: cursor.bytes, trades, offsets, rejectedOffsets, rejectedKeys, progress };
  }

  /** The rows `[from, to)` are of the record at this offset. */
  #placeRows(from: number, to: number, offset: number): void {
    if (to > this.#offsets.length) {
      const larger = new Float64Array(to * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets.fill(offset, from, to);
  }
}

function progressOf({ bytes, valueStart, valueEnd }: RecordCursor): SourceProgress | undefined {
  return valueStart < 0 ? undefined : parseProgress(bytes.toString('utf8', valueStart, valueEnd));
}

/** A value without a line, or with blank ones only, is one record that is no trade. */
function decodeAllLines(
  { bytes, valueStart, valueEnd }: RecordCursor,
  codec: TradeCodec,
  trades: TradeBatch,
): void {
  const before = trades.length + trades.rejections.length;
  decodeLines(codec, bytes, { at: valueStart, line: 1 }, valueEnd, trades, Infinity);
  if (trades.length + trades.rejections.length === before) codec.decode(bytes, valueStart, valueEnd, trades);
}
