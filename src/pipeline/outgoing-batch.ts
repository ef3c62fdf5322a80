import type { ResultColumns } from '../window/results.ts';
import type { LateTrades } from '../window/trade-columns.ts';
import type { SymbolNames } from './sink.ts';
import type { DecodedRecords, Outgoing, OutgoingRecord } from './partition-ports.ts';
import { deadLetterLine, lateTradeLine } from './reject-output.ts';

/** Writes one row of results as a record's value. */
export type ResultValue = (results: ResultColumns, row: number, symbols: SymbolNames) => string;

/** What a task has to write with its next commit. */
export class OutgoingBatch implements Outgoing {
  results: OutgoingRecord[] = [];
  late: OutgoingRecord[] = [];
  deadLetters: OutgoingRecord[] = [];
  /** End of the newest final window in `results`; -Infinity without one. */
  newestEndMs = Number.NEGATIVE_INFINITY;
  readonly #source: string;
  readonly #value: ResultValue;

  /** `source` names the partition in late trades and dead letters. */
  constructor(source: string, value: ResultValue) {
    this.#source = source;
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

  /** In Kafka a record is a line of its own, number 1. */
  addLate(late: LateTrades, { bytes, trades, offsets }: DecodedRecords, symbols: SymbolNames): void {
    for (const [i, row] of late.row.entries()) {
      const symbol = symbols.name(trades.symbolId[row]);
      const value = lateTradeLine({
        source: this.#source,
        line: 1,
        offset: offsets[row],
        symbol,
        timeMs: trades.timeMs[row],
        watermarkMs: late.watermarkMs[i],
        bytes: bytes.subarray(trades.recordStart[row], trades.recordEnd[row]),
      });
      this.late.push({ key: symbol, value });
    }
    late.clear();
  }

  addRejected({ bytes, trades, rejectedOffsets }: DecodedRecords): void {
    for (const [i, { code, column, reason, start, end }] of trades.rejections.entries()) {
      const place = { source: this.#source, line: 1, offset: rejectedOffsets[i] };
      const value = deadLetterLine({ ...place, column, code, reason, bytes: bytes.subarray(start, end) });
      this.deadLetters.push({ key: null, value });
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
