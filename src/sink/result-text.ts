import type { SymbolNames } from '../pipeline/sink.ts';
import { MEASURES, type Measure, type ResultColumns } from '../window/results.ts';
import { LONGEST_NUMBER, writeNumber } from './number-text.ts';
import { SymbolTexts } from './symbol-texts.ts';

export type ResultFormat = 'csv' | 'json';

export interface ResultTextOptions {
  readonly format: ResultFormat;
  /** Written in the order of `MEASURES`, whatever their order here. */
  readonly measures: readonly Measure[];
  /** A last field says whether a result is the window's last word: for outputs that get early results too. */
  readonly withFinal?: boolean;
}

/** The figures' names in files, by measure. */
const FIELD = {
  average: 'price',
  min: 'minPrice',
  max: 'maxPrice',
  count: 'count',
  volume: 'volume',
  vwap: 'vwap',
} as const satisfies Record<Measure, string>;

/** Large enough that a write to a file costs little, small enough for the processor's cache. */
const PIECE_BYTES = 1 << 18;

/**
 * Results as text, a line each: CSV as RFC 4180 has it but for LF ends, or JSON lines. Fields in order: `start`,
 * `end` (ms since the epoch), `stockName`, the measures, `final`. Numbers are the shortest text that reads back as
 * the same double; NaN is empty in CSV and null in JSON.
 *
 * Hot path: bytes go straight into one buffer, piece by piece; 400,000 results in a quarter of a second.
 */
export class ResultText {
  /** The first line of a CSV output; empty for JSON. */
  readonly header: string;
  readonly #measures: readonly Measure[];
  readonly #symbols: SymbolTexts;
  readonly #withFinal: boolean;
  /** What stands before each field, and at the end of the line. */
  readonly #before: readonly Uint8Array[];
  readonly #lineEnd: Uint8Array;
  readonly #nan: Uint8Array;
  /** Bytes of the longest line, but for its symbol. */
  readonly #lineBytes: number;
  #buffer = new Uint8Array(PIECE_BYTES);
  #length = 0;

  constructor({ format, measures, withFinal = false }: ResultTextOptions) {
    const isCsv = format === 'csv';
    this.#measures = MEASURES.filter((measure) => measures.includes(measure));
    this.#withFinal = withFinal;
    const fields = ['start', 'end', 'stockName', ...this.#measures.map((measure) => FIELD[measure])];
    if (withFinal) fields.push('final');
    this.header = isCsv ? `${fields.join(',')}\n` : '';
    this.#symbols = new SymbolTexts(isCsv ? csvQuoted : JSON.stringify);
    this.#before = fields.map((field, i) => Buffer.from(isCsv ? csvBefore(i) : jsonBefore(field, i)));
    this.#lineEnd = Buffer.from(isCsv ? '\n' : '}\n');
    this.#nan = Buffer.from(isCsv ? '' : 'null');
    this.#lineBytes = fields.reduce((sum, field) => sum + field.length + 4 + LONGEST_NUMBER, 2);
  }

  /** The lines of the last `fill`; overwritten by the next. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Writes the rows from `from` on, as many as fit in a piece, to `bytes`. Returns the first row it left. */
  fill(results: ResultColumns, from: number, names: SymbolNames): number {
    this.#symbols.use(names);
    this.#length = 0;
    let row = from;
    for (; row < results.length; row++) {
      const most = this.#lineBytes + this.#symbols.lengthOf(results.symbolId[row]);
      if (this.#length + most > this.#buffer.length) {
        if (this.#length > 0) break;
        this.#buffer = new Uint8Array(most);
      }
      this.#writeLine(results, row);
    }
    return row;
  }

  #writeLine(results: ResultColumns, row: number): void {
    const out = this.#buffer;
    const before = this.#before;
    let at = copy(before[0], out, this.#length);
    at = writeNumber(out, at, results.startMs[row]);
    at = copy(before[1], out, at);
    at = writeNumber(out, at, results.endMs[row]);
    at = copy(before[2], out, at);
    at = this.#symbols.copy(results.symbolId[row], out, at);
    const measures = this.#measures;
    for (let i = 0; i < measures.length; i++) {
      const value = results[measures[i]][row];
      at = copy(before[3 + i], out, at);
      at = Number.isNaN(value) ? copy(this.#nan, out, at) : writeNumber(out, at, value);
    }
    if (this.#withFinal) {
      at = copy(before[before.length - 1], out, at);
      at = copy(results.final[row] === 1 ? TRUE : FALSE, out, at);
    }
    this.#length = copy(this.#lineEnd, out, at);
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function csvBefore(i: number): string {
  return i === 0 ? '' : ',';
}

function jsonBefore(field: string, i: number): string {
  return `${i === 0 ? '{' : ','}"${field}":`;
}

function csvQuoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function copy(bytes: Uint8Array, out: Uint8Array, at: number): number {
  for (let i = 0; i < bytes.length; i++) out[at + i] = bytes[i];
  return at + bytes.length;
}
