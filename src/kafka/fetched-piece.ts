import type { DecodedRecords, FetchedPiece } from '../pipeline/partition-ports.ts';
import type { TradeCodec } from '../trade/codec.ts';
import { tombstone } from '../trade/rejection.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import type { FetchedRecords } from './raw-fetch.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';

/** Decodes what fetches bring of one partition; its columns are reused from batch to batch. */
export class PieceDecoder {
  readonly #cursor = new RecordCursor();
  readonly #trades = new TradeBatch();
  #offsets = new Float64Array(4096);

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
    if (this.#offsets.length < batch.recordCount) this.#offsets = new Float64Array(batch.recordCount * 2);
    while (cursor.next() && cursor.offset < before) {
      const rejected = trades.rejections.length;
      this.#offsets[trades.length] = cursor.offset;
      if (cursor.valueStart < 0) trades.rejections.push(tombstone());
      else codec.decode(cursor.bytes, cursor.valueStart, cursor.valueEnd, trades);
      if (trades.rejections.length === rejected) continue;
      rejectedOffsets.push(cursor.offset);
      rejectedKeys.push(cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd));
    }
    return { bytes: cursor.bytes, trades, offsets: this.#offsets, rejectedOffsets, rejectedKeys };
  }
}
