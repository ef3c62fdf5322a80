import type { ResultColumns } from '../window/results.ts';
import type { LateTrades } from '../window/trade-columns.ts';
import type { SymbolNames } from './sink.ts';
import type { DecodedRecords, Outgoing, OutgoingRecord } from './partition-ports.ts';
import { deadLetterValue, lateTradeValue } from './rejected-record.ts';

/** Writes one row of results as a record's value. */
export type ResultValue = (results: ResultColumns, row: number, symbols: SymbolNames) => string;

/** What a task has to write with its next commit. */
export class OutgoingBatch implements Outgoing {
  results: OutgoingRecord[] = [];
  late: OutgoingRecord[] = [];
  deadLetters: OutgoingRecord[] = [];
  /** End of the newest final window in `results`; -Infinity without one. */
  newestEndMs = Number.NEGATIVE_INFINITY;
  readonly #input: { readonly topic: string; readonly partition: number };
  readonly #value: ResultValue;

  /** `input`: where late trades and dead letters come from. */
  constructor(input: { readonly topic: string; readonly partition: number }, value: ResultValue) {
    this.#input = input;
    this.#value = value;
  }

  get records(): number {
    return this.results.length + this.late.length + this.deadLetters.length;
  }

  get isEmpty(): boolean {
    return this.records === 0;
  }

  addResults(results: ResultColumns, symbols: SymbolNames): void {
    for (let row = 0; row < results.length; row++) {
      const key = symbols.name(results.symbolId[row]);
      this.results.push({ key, value: this.#value(results, row, symbols) });
      if (results.final[row] === 1) this.newestEndMs = Math.max(this.newestEndMs, results.endMs[row]);
    }
    results.clear();
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
  take(): Outgoing & { readonly newestEndMs: number } {
    const { results, late, deadLetters, newestEndMs } = this;
    this.results = [];
    this.late = [];
    this.deadLetters = [];
    this.newestEndMs = Number.NEGATIVE_INFINITY;
    return { results, late, deadLetters, newestEndMs };
  }
}
