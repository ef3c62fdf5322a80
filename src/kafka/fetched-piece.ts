import type { DecodedRecords, FetchedPiece, RecordHeader } from '../pipeline/partition-ports.ts';
import { parseProgress, type SourceProgress } from '../pipeline/source-progress.ts';
import type { TradeCodec } from '../trade/codec.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import type { FetchedRecords } from './raw-fetch.ts';
import type { RecordBatch } from './record-batch.ts';
import { readHeaders } from './record-headers.ts';
import { RecordColumns } from './record-columns.ts';

/**
 * What a record holds: `trades`, those of the input. `rekeyed`: one that the re-keying stage has passed on, or, without
 * a key, what it tells of a source.
 */
export type RecordKind = 'trades' | 'rekeyed';

/** Decodes what fetches bring of one partition; its columns are reused from batch to batch. */
export class PieceDecoder {
  readonly #kind: RecordKind;
  readonly #columns = new RecordColumns();
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

  /** Hot path: as long as records are plain trades, the codec fills the columns in one go. */
  #decoded(batch: RecordBatch, codec: TradeCodec, offset: number, before: number): DecodedRecords {
    const columns = this.#columns.read(batch, offset, before);
    const { bytes } = columns;
    const trades = this.#trades;
    trades.clear();
    const rejectedOffsets: number[] = [];
    const rejectedKeys: (Uint8Array | null)[] = [];
    const rejectedHeaders: RecordHeader[][] = [];
    const progress: SourceProgress[] = [];
    let records = 0;
    let tombstones = 0;
    let at = 0;
    for (let tradesEnd = 0; at < columns.count; at++) {
      if (tradesEnd <= at) tradesEnd = this.#tradesEnd(at);
      const plainEnd = codec.decodePlain(bytes, columns, at, tradesEnd, trades);
      if (plainEnd > at) this.#notePlain(at, plainEnd);
      records += plainEnd - at;
      at = plainEnd;
      if (at === columns.count) break;
      const told = this.#toldAt(at);
      if (told !== undefined) {
        progress.push(told);
        continue;
      }
      const row = trades.length;
      const rejected = trades.rejections.length;
      if (columns.start[at] < 0) tombstones++;
      else codec.decodeMessage(bytes, columns.start[at], columns.end[at], trades);
      if (trades.schemaNeeded >= 0) break;
      records++;
      this.#noteRows(row, at);
      for (let i = rejected; i < trades.rejections.length; i++) {
        rejectedOffsets.push(columns.offset[at]);
        rejectedKeys.push(columns.key(at));
        rejectedHeaders.push(readHeaders(bytes, columns.end[at]));
      }
    }
    const { schemaNeeded } = trades;
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
      needs: schemaNeeded < 0 ? undefined : { schemaId: schemaNeeded, offset: columns.offset[at] },
    };
  }

  /** Before which record, from `at` on, all may be trades. */
  #tradesEnd(at: number): number {
    const { count, keyStart } = this.#columns;
    if (this.#kind === 'trades') return count;
    let end = at;
    while (end < count && keyStart[end] >= 0) end++;
    return end;
  }

  #toldAt(record: number): SourceProgress | undefined {
    const { bytes, keyStart, start, end } = this.#columns;
    if (this.#kind === 'trades' || keyStart[record] >= 0 || start[record] < 0) return undefined;
    return parseProgress(bytes.toString('utf8', start[record], end[record]));
  }

  /** The last rows came of the records `[from, to)`, one of each. */
  #notePlain(from: number, to: number): void {
    const { length } = this.#trades;
    if (length > this.#offsets.length) this.#grow(length);
    const row = length - (to - from);
    this.#offsets.set(this.#columns.offset.subarray(from, to), row);
    this.#headers.set(this.#columns.end.subarray(from, to), row);
  }

  /** The rows from `row` on came of the record. */
  #noteRows(row: number, record: number): void {
    const { length } = this.#trades;
    if (length > this.#offsets.length) this.#grow(length);
    this.#offsets.fill(this.#columns.offset[record], row, length);
    this.#headers.fill(this.#columns.end[record], row, length);
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
