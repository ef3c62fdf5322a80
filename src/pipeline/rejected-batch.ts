import type { LateTrades } from '../window/trade-columns.ts';
import type { DecodedRecords, Outgoing, OutgoingRecord } from './partition-ports.ts';
import { deadLetterValue, lateTradeValue } from './rejected-record.ts';
import type { SymbolNames } from './sink.ts';

/** Late trades and dead letters that a task has to write with its next commit. */
export class RejectedBatch {
  late: OutgoingRecord[] = [];
  deadLetters: OutgoingRecord[] = [];
  readonly #input: { readonly topic: string; readonly partition: number };

  /** `input`: where they come from. */
  constructor(input: { readonly topic: string; readonly partition: number }) {
    this.#input = input;
  }

  addLate(late: LateTrades, decoded: DecodedRecords, symbols: SymbolNames): void {
    const { bytes, trades, offsets } = decoded;
    for (const [i, row] of late.row.entries()) {
      const symbol = symbols.name(trades.symbolId[row]);
      const value = lateTradeValue(
        { ...this.#input, offset: offsets[row] },
        { symbol, timeMs: trades.timeMs[row], watermarkMs: late.watermarkMs[i] },
        bytes.subarray(trades.recordStart[row], trades.recordEnd[row]),
      );
      this.late.push({ key: symbol, value, headers: decoded.headersOf(row) });
    }
    late.clear();
  }

  /** A dead letter keeps its record's key and headers, so that it may be put back as it came. */
  addRejected({ bytes, trades, rejectedOffsets, rejectedKeys, rejectedHeaders }: DecodedRecords): void {
    for (const [i, rejection] of trades.rejections.entries()) {
      const place = { ...this.#input, offset: rejectedOffsets[i] };
      const key = rejectedKeys[i] && Uint8Array.from(rejectedKeys[i]); // apart from the fetched bytes, which may go
      const value = deadLetterValue(place, rejection, key, bytes.subarray(rejection.start, rejection.end));
      this.deadLetters.push({ key, value, headers: rejectedHeaders[i] });
    }
  }

  /** What there is, to be committed; begins anew. */
  take(): Pick<Outgoing, 'late' | 'deadLetters'> {
    const { late, deadLetters } = this;
    this.late = [];
    this.deadLetters = [];
    return { late, deadLetters };
  }
}
