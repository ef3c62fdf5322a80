import { ByteCursor } from './byte-cursor.ts';
import type { CodecOptions, RecordPlaces, TradeCodec } from './codec.ts';
import { csvColumns, headerColumns, isHeader } from './csv-header.ts';
import { FieldReader } from './field-reader.ts';
import { FIELDS } from './field-names.ts';
import { PlainCsv } from './plain-csv.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';
import { unquoted } from './csv-quotes.ts';

/**
 * Trades as CSV. A record that is written in an unusual way, with quotes (RFC 4180) or spaces say, or that is no trade,
 * takes a slower way than the plain ones.
 */
export class CsvCodec implements TradeCodec {
  readonly #options: CodecOptions;
  readonly #delimiter: number;
  readonly #cursor: ByteCursor;
  readonly #reader: FieldReader;
  #plain: PlainCsv;
  readonly #one = { start: new Int32Array(1), end: new Int32Array(1) };
  /** By column, from 0: which field is there, up to the last that is needed. */
  #fields: readonly (Field | undefined)[] = [];
  #columns: Readonly<Partial<Record<Field, number>>> = {};

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#cursor = new ByteCursor(symbols);
    this.#reader = new FieldReader(options, symbols);
    this.#plain = new PlainCsv(options, this.#fields, this.#cursor);
    this.#useColumns(csvColumns(options.fields));
  }

  takeHeader(bytes: Uint8Array, start: number, end: number): boolean {
    const fields = this.#fieldsOf(bytes, start, end);
    if (this.#options.header === 'absent') return false;
    if (this.#options.header === 'auto' && !isHeader(fields, this.#options, this.#columns)) return false;
    this.#useColumns(headerColumns(fields, this.#options));
    return true;
  }

  decode(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    if (!this.#decodeOnePlain(bytes, start, end, batch)) this.#decodeThoroughly(bytes, start, end, batch);
  }

  /** A line feed at the end, as tools write it, makes no second line. */
  decodeMessage(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    if (this.#decodeOnePlain(bytes, start, end, batch)) return;
    if (this.#cursor.find(LINE_FEED, bytes, start, end) < end) this.#decodeLines(bytes, start, end, batch);
    else this.#decodeThoroughly(bytes, start, end, batch);
  }

  decodePlain(bytes: Uint8Array, places: RecordPlaces, from: number, to: number, batch: TradeBatch): number {
    return this.#plain.decode(bytes, places, from, to, batch);
  }

  #decodeOnePlain(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): boolean {
    this.#one.start[0] = start;
    this.#one.end[0] = end;
    return this.#plain.decode(bytes, this.#one, 0, 1, batch) === 1;
  }

  #decodeLines(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    let hasLines = false;
    for (let at = start, lineEnd; at < end; at = lineEnd + 1) {
      lineEnd = this.#cursor.find(LINE_FEED, bytes, at, end);
      if (lineEnd === at || (lineEnd === at + 1 && bytes[at] === CARRIAGE_RETURN)) continue;
      hasLines = true;
      this.decode(bytes, at, lineEnd, batch);
    }
    if (!hasLines) this.decode(bytes, start, end, batch); // which says what is missing
  }

  /** Any record, quoted fields too; it says what is wrong. */
  #decodeThoroughly(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    const reader = this.#reader;
    const fields = unquoted(bytes, start, end, this.#delimiter);
    reader.begin(start);
    if (fields === undefined) reader.reject('unclosed-quote', '', end);
    for (const [column, { text, at }] of (fields ?? []).slice(0, this.#fields.length).entries()) {
      const field = this.#fields[column];
      if (field !== undefined) reader[field](text, 0, text.length, at);
    }
    reader.finish(end, batch, this.#whereMissing);
  }

  #fieldsOf(bytes: Uint8Array, start: number, end: number): string[] {
    const fields = unquoted(bytes, start, end, this.#delimiter) ?? [];
    return fields.map(({ text }) => TEXT.decode(text).trim());
  }

  #useColumns(columns: Readonly<Partial<Record<Field, number>>>): void {
    this.#columns = columns;
    const needed = FIELDS.filter((field) => field !== 'quantity' || this.#options.withQuantity);
    const length = Math.max(...needed.map((field) => (columns[field] ?? -1) + 1));
    this.#fields = Array.from({ length }, (_, column) =>
      needed.findLast((field) => columns[field] === column),
    );
    this.#plain = new PlainCsv(this.#options, this.#fields, this.#cursor);
  }

  readonly #whereMissing = (field: Field): string => {
    const column = this.#columns[field];
    return column === undefined ? 'no column is called so' : `it should be in column ${column + 1}`;
  };
}

const TEXT = new TextDecoder();
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
