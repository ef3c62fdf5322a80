import type { ConsoleSink, ConsoleStream } from './console-sink.ts';
import { consoleSink } from './console-sink.ts';
import type { ResultRecord } from './record-view.ts';
import { MEASURES, ResultColumns, type Measure } from '../window/results.ts';

/** Results that were read from a topic, in the table that a run has. */
export class ResultTable {
  readonly #sink: ConsoleSink;
  readonly #results = new ResultColumns();
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #nameOf: (sizeMs: number) => string;
  /** Grows with what comes: the names of windows, by index. */
  readonly #windows: string[] = [];

  /** `first` tells which figures there are. `nameOf` names a window by its length. */
  constructor(
    stream: ConsoleStream,
    first: ResultRecord,
    { nameOf, status }: { readonly nameOf: (sizeMs: number) => string; readonly status: () => string },
  ) {
    this.#nameOf = nameOf;
    const measures = MEASURES.filter((measure) => first[FIELDS[measure]] !== undefined);
    this.#sink = consoleSink(stream, { measures, windows: this.#windows, status });
  }

  add(records: readonly ResultRecord[]): Promise<void> | void {
    const results = this.#results;
    results.clear();
    for (const record of records) {
      const row = results.addRow();
      results.symbolId[row] = this.#idOf(record.stockName);
      results.windowIndex[row] = this.#windowOf(record.end - record.start);
      results.startMs[row] = record.start;
      results.endMs[row] = record.end;
      for (const measure of MEASURES) results[measure][row] = record[FIELDS[measure]] ?? Number.NaN;
      results.final[row] = record.final === false ? 0 : 1;
    }
    return this.#sink.write(results, { name: (id) => this.#names[id] });
  }

  finish(): Promise<void> {
    return this.#sink.finish();
  }

  #idOf(symbol: string): number {
    const known = this.#ids.get(symbol);
    if (known !== undefined) return known;
    this.#ids.set(symbol, this.#names.length);
    return this.#names.push(symbol) - 1;
  }

  #windowOf(sizeMs: number): number {
    const name = this.#nameOf(sizeMs);
    const known = this.#windows.indexOf(name);
    return known === -1 ? this.#windows.push(name) - 1 : known;
  }
}

const FIELDS = {
  average: 'price',
  min: 'minPrice',
  max: 'maxPrice',
  count: 'count',
  volume: 'volume',
  vwap: 'vwap',
} as const satisfies Readonly<Record<Measure, keyof ResultRecord>>;
