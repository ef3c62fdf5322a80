import type { Writable } from 'node:stream';
import type { ResultSink, SymbolNames } from '../pipeline/sink.ts';
import type { ResultColumns } from '../window/results.ts';
import { Outlet } from './outlet.ts';
import { ResultText, type ResultTextOptions } from './result-text.ts';

/** A sink whose reader may leave: `closed` aborts then, and the run has nothing left to do. */
export interface WatchedSink extends ResultSink {
  readonly closed: AbortSignal;
}

/** Results as CSV or JSON lines to `stream`, which is the process's standard output but in tests. */
export function stdoutSink(stream: Writable, options: ResultTextOptions): WatchedSink {
  return new StdoutSink(new Outlet(stream, 'stdout'), new ResultText(options));
}

class StdoutSink implements WatchedSink {
  readonly #outlet: Outlet;
  readonly #text: ResultText;
  #hasHeader = false;

  constructor(outlet: Outlet, text: ResultText) {
    this.#outlet = outlet;
    this.#text = text;
  }

  get closed(): AbortSignal {
    return this.#outlet.closed;
  }

  async write(results: ResultColumns, symbols: SymbolNames): Promise<void> {
    await this.#writeHeader();
    for (let row = 0; row < results.length && !this.closed.aborted;) {
      row = this.#text.fill(results, row, symbols);
      await this.#outlet.write(this.#text.bytes);
    }
  }

  finish(): Promise<void> {
    return this.#writeHeader();
  }

  /** What was written is out of our hands. */
  async abandon(): Promise<void> {
    // Nothing is held back.
  }

  async #writeHeader(): Promise<void> {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    await this.#outlet.write(this.#text.header);
  }
}
