import type { SymbolNames } from '../pipeline/sink.ts';
import { MEASURES, type Measure, type ResultColumns } from '../window/results.ts';
import type { ResultSink } from '../pipeline/sink.ts';
import { priceText, timeText } from './for-eyes.ts';
import type { Outlet } from './outlet.ts';

export interface LineOptions {
  readonly measures: readonly Measure[];
  /** Names of the pipeline's windows, as `3s`, by window index. */
  readonly windows: readonly string[];
}

const PIECE_CHARACTERS = 1 << 16;

/**
 * A line per result where there is no terminal to refresh: end of the window in UTC, symbol, figures, window; an
 * early result says so at the end. Aligned for eyes, with each figure behind its name for `grep` and `awk`:
 *
 *     20:55:41  AMC       457.15  min    158.84  max    755.46  count     2  (10s)
 */
export class ConsoleLines implements ResultSink {
  readonly #outlet: Outlet;
  readonly #measures: readonly Measure[];
  readonly #windows: readonly string[];

  constructor(outlet: Outlet, { measures, windows }: LineOptions) {
    this.#outlet = outlet;
    this.#measures = MEASURES.filter((measure) => measures.includes(measure));
    this.#windows = windows;
  }

  async write(results: ResultColumns, symbols: SymbolNames): Promise<void> {
    let piece = '';
    for (let row = 0; row < results.length && !this.#outlet.closed.aborted; row++) {
      piece += this.#line(results, row, symbols);
      if (piece.length < PIECE_CHARACTERS) continue;
      await this.#outlet.write(piece);
      piece = '';
    }
    await this.#outlet.write(piece);
  }

  async finish(): Promise<void> {
    // Nothing is held back.
  }

  async abandon(): Promise<void> {
    // Nothing is held back.
  }

  #line(results: ResultColumns, row: number, symbols: SymbolNames): string {
    let line = `${timeText(results.endMs[row])}  ${symbols.name(results.symbolId[row]).padEnd(6)}`;
    for (const measure of this.#measures) line += figure(measure, results[measure][row]);
    line += `  (${this.#windows[results.windowIndex[row]] ?? ''})`;
    return results.final[row] === 1 ? `${line}\n` : `${line}  early\n`;
  }
}

/** The average needs no name: it is what this is all about. */
function figure(measure: Measure, value: number): string {
  if (measure === 'average') return `  ${priceText(value).padStart(9)}`;
  if (measure === 'count' || measure === 'volume') return `  ${measure} ${String(value).padStart(5)}`;
  return `  ${measure} ${priceText(value).padStart(9)}`;
}
