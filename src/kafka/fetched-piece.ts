import type { DecodedRecords, FetchedPiece, RecordHeader } from '../pipeline/partition-ports.ts';
import { parseProgress, type SourceProgress } from '../pipeline/source-progress.ts';
import type { TradeCodec } from '../trade/codec.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import type { FetchedRecords } from './raw-fetch.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';
import { readHeaders } from './record-headers.ts';

/**
 * What a record holds: `trades`, those of the input. `rekeyed`: one that the re-keying stage has passed on, or, without
 * a key, what it tells of a source.
 */
export type RecordKind = 'trades' | 'rekeyed';

/** Decodes what fetches bring of one partition; its columns are reused from batch to batch. */
export class PieceDecoder {
  readonly #kind: RecordKind;
  readonly #cursor = new RecordCursor();
  readonly #trades = new TradeBatch();
  /** By row of `#trades`: its record's offset, and where that record's headers begin. */
  #offsets = new Float64Array(4096);
  #headers = new Int32Array(4096);

  constructor(kind: RecordKind = 'trades') {
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
      const decoded = this.#decoded(batch, codec, offset, before);
      yield decoded;
      if (decoded.needs !== undefined) return;
    }
  }

  /** Hot path: the cursor walks the bytes, the codec fills the columns. */
  #decoded(batch: RecordBatch, codec: TradeCodec, offset: number, before: number): DecodedRecords {
    const cursor = this.#cursor.open(batch, offset);
    const trades = this.#trades;
    trades.clear();
    const rejectedOffsets: number[] = [];
    const rejectedKeys: (Uint8Array | null)[] = [];
    const rejectedHeaders: RecordHeader[][] = [];
    const progress: SourceProgress[] = [];
    let records = 0;
    let tombstones = 0;
    while (cursor.next() && cursor.offset < before) {
      const told = this.#kind === 'rekeyed' && cursor.keyStart < 0 ? progressOf(cursor) : undefined;
      if (told !== undefined) {
        progress.push(told);
        continue;
      }
      const row = trades.length;
      const rejected = trades.rejections.length;
      if (cursor.valueStart < 0) tombstones++;
      else codec.decodeMessage(cursor.bytes, cursor.valueStart, cursor.valueEnd, trades);
      if (trades.schemaNeeded >= 0) break;
      records++;
      this.#noteRows(row, trades.length);
      for (let i = rejected; i < trades.rejections.length; i++) {
        rejectedOffsets.push(cursor.offset);
        rejectedKeys.push(cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd));
        rejectedHeaders.push(readHeaders(cursor.bytes, cursor.headersStart));
      }
    }
    const { schemaNeeded } = trades;
    const { bytes } = cursor;
    return {
      bytes,
      trades,
      offsets: this.#offsets,
      rejectedOffsets,
      rejectedKeys,
      rejectedHeaders,
      progress,
      headersOf: (row) => readHeaders(bytes, this.#headers[row]),
      records,
      tombstones,
      needs: schemaNeeded < 0 ? undefined : { schemaId: schemaNeeded, offset: cursor.offset },
    };
  }

  /** The rows `[from, to)` came of the record at hand. */
  #noteRows(from: number, to: number): void {
    if (to > this.#offsets.length) this.#grow(to);
    for (let row = from; row < to; row++) {
      this.#offsets[row] = this.#cursor.offset;
      this.#headers[row] = this.#cursor.headersStart;
    }
  }

  #grow(rows: number): void {
    const offsets = new Float64Array(rows * 2);
    const headers = new Int32Array(rows * 2);
    offsets.set(this.#offsets);
    headers.set(this.#headers);
    this.#offsets = offsets;
    this.#headers = headers;
  }
}

function progressOf({ bytes, valueStart, valueEnd }: RecordCursor): SourceProgress | undefined {
  return valueStart < 0 ? undefined : parseProgress(bytes.toString('utf8', valueStart, valueEnd));
}
