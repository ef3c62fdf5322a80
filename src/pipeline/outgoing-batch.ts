import type { ResultColumns } from '../window/results.ts';
import type { Outgoing, OutgoingRecord } from './partition-ports.ts';
import { RejectedBatch } from './rejected-batch.ts';
import type { SymbolNames } from './sink.ts';

/** Writes one row of results as a record's value. */
export type ResultValue = (results: ResultColumns, row: number, symbols: SymbolNames) => string;

/** What a task has to write with its next commit. */
export class OutgoingBatch extends RejectedBatch implements Outgoing {
  results: OutgoingRecord[] = [];
  /** End of the newest final window in `results`; -Infinity without one. */
  newestEndMs = Number.NEGATIVE_INFINITY;
  readonly #value: ResultValue;

  /** `input`: where late trades and dead letters come from. */
  constructor(input: { readonly topic: string; readonly partition: number }, value: ResultValue) {
    super(input);
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

  /** What there is, to be committed; begins anew. */
  override take(): Outgoing & { readonly newestEndMs: number } {
    const { results, newestEndMs } = this;
    this.results = [];
    this.newestEndMs = Number.NEGATIVE_INFINITY;
    return { results, ...super.take(), newestEndMs };
  }
}
