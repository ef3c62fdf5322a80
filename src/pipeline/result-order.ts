import type { ResultColumns } from '../window/results.ts';
import type { SymbolNames } from './sink.ts';

/**
 * Puts the symbols of each closed window in order of their names, so that an output does not depend on the order in
 * which symbols happened to appear.
 */
export class ResultOrder {
  readonly #symbols: SymbolNames;
  /** By symbol id: its place among the names, for the ids that were known when the names were last sorted. */
  #rank = new Int32Array(0);
  #countBefore = 0;

  constructor(symbols: SymbolNames) {
    this.#symbols = symbols;
  }

  /** `symbolCount`: one more than the highest id in the results. */
  apply(results: ResultColumns, symbolCount: number): void {
    this.#refresh(symbolCount);
    for (let start = 0; start < results.length;) {
      const end = endOfWindow(results, start);
      if (end - start > 1) this.#sort(results, start, end, symbolCount <= this.#rank.length);
      start = end;
    }
  }

  /** Ranks all names once their number has come to rest; while new symbols keep coming it would not pay. */
  #refresh(symbolCount: number): void {
    if (symbolCount > this.#rank.length && symbolCount === this.#countBefore) {
      const ids = Array.from({ length: symbolCount }, (_, id) => id);
      ids.sort((a, b) => compare(this.#symbols.name(a), this.#symbols.name(b)));
      this.#rank = new Int32Array(symbolCount);
      for (const [rank, id] of ids.entries()) this.#rank[id] = rank;
    }
    this.#countBefore = symbolCount;
  }

  #sort(results: ResultColumns, start: number, end: number, ranked: boolean): void {
    const ids = results.symbolId;
    const rows = new Float64Array(end - start);
    if (ranked) {
      for (let i = 0; i < rows.length; i++) rows[i] = this.#rank[ids[start + i]] * ROWS + i;
      rows.sort();
      for (let i = 0; i < rows.length; i++) rows[i] = start + (rows[i] % ROWS);
    } else {
      for (let i = 0; i < rows.length; i++) rows[i] = start + i;
      rows.sort((a, b) => compare(this.#symbols.name(ids[a]), this.#symbols.name(ids[b])));
    }
    results.reorder(start, rows);
  }
}

/** Rank and row go into one number, below 2^53. */
const ROWS = 2 ** 26;

/** The first row after those of the window at `start`; early results each stand alone. */
function endOfWindow(results: ResultColumns, start: number): number {
  let end = start + 1;
  if (results.final[start] === 0) return end;
  while (
    end < results.length &&
    results.endMs[end] === results.endMs[start] &&
    results.windowIndex[end] === results.windowIndex[start] &&
    results.startMs[end] === results.startMs[start] &&
    results.final[end] === 1
  ) {
    end++;
  }
  return end;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
