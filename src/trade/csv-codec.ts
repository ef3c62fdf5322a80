import { ByteCursor, UNUSUAL } from './byte-cursor.ts';
import { MAX_TIME_MS, parseTime } from './event-time.ts';
import type { CodecOptions, TradeCodec } from './codec.ts';
import { csvColumns, headerColumns, isHeader } from './csv-header.ts';
import { FieldReader } from './field-reader.ts';
import { FIELDS } from './field-names.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';
import { unquoted } from './csv-quotes.ts';

/**
 * Trades as CSV. Hot path: one pass over the bytes of a record up to the last column that is needed. A record that
 * is written in an unusual way, with quotes (RFC 4180) or spaces say, or that is no trade, takes a slower one.
 */
export class CsvCodec implements TradeCodec {
  readonly #options: CodecOptions;
  readonly #delimiter: number;
  readonly #timeInMs: boolean;
  readonly #cursor: ByteCursor;
  readonly #reader: FieldReader;
  /** By column, from 0: which field is there; and one more than the last column that is needed. */
  #roles: Int8Array = new Int8Array(0);
  #columns: Readonly<Partial<Record<Field, number>>> = {};

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#timeInMs = options.timeUnit === 'ms';
    this.#cursor = new ByteCursor(symbols);
    this.#reader = new FieldReader(options, symbols);
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
    if (!this.#decodePlain(bytes, start, end, batch)) this.#decodeThoroughly(bytes, start, end, batch);
  }

  /** A line feed at the end, as tools write it, makes no second line. */
  decodeMessage(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    const rows = batch.length;
    const isPlain = this.#decodePlain(bytes, start, end, batch);
    // What was plain had no line feed as far as it was read.
    if (endOfLine(bytes, isPlain ? this.#cursor.at : start, end) < end) {
      batch.length = rows;
      this.#decodeLines(bytes, start, end, batch);
    } else if (!isPlain) this.#decodeThoroughly(bytes, start, end, batch);
  }

  #decodeLines(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    let hasLines = false;
    for (let at = start, lineEnd; at < end; at = lineEnd + 1) {
      lineEnd = endOfLine(bytes, at, end);
      if (lineEnd === at || (lineEnd === at + 1 && bytes[at] === CARRIAGE_RETURN)) continue;
      hasLines = true;
      this.decode(bytes, at, lineEnd, batch);
    }
    if (!hasLines) this.decode(bytes, start, end, batch); // which says what is missing
  }

  /**
   * Each byte once, up to the last field that is needed, fields parsed as they pass; `#cursor` stands behind it. False,
   * and nothing done, for a record that needs a closer look, which one with a line feed there does.
   */
  #decodePlain(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): boolean {
    const roles = this.#roles;
    const delimiter = this.#delimiter;
    const cursor = this.#cursor;
    let symbolId = UNUSUAL;
    let priceTicks = UNUSUAL;
    let quantityUnits = this.#options.withQuantity ? UNUSUAL : 0;
    let timeMs = UNUSUAL;
    let at = start;
    for (let column = 0; column < roles.length; column++) {
      const role = roles[column];
      if (role === NONE) {
        let byte = 0;
        while (at < end && (byte = bytes[at]) !== delimiter && byte !== QUOTE && byte !== LINE_FEED) at++;
      } else {
        if (role === SYMBOL) symbolId = cursor.symbol(bytes, at, end, delimiter);
        else if (role === PRICE) priceTicks = cursor.decimal(bytes, at, end, this.#options.priceDecimals);
        else if (role === QUANTITY)
          quantityUnits = cursor.decimal(bytes, at, end, this.#options.quantityDecimals);
        else timeMs = this.#timeInMs ? cursor.integer(bytes, at, end) : this.#time(bytes, at, end);
        at = cursor.at;
      }
      if (at === end || (bytes[at] === CARRIAGE_RETURN && at + 1 === end)) break;
      if (bytes[at] !== delimiter) return false;
      at++;
    }
    if (symbolId < 0 || priceTicks < 0 || quantityUnits < 0 || timeMs < 0 || timeMs >= MAX_TIME_MS)
      return false;
    cursor.at = at;
    batch.add(symbolId, priceTicks, quantityUnits, timeMs, start, end);
    return true;
  }

  #time(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== this.#delimiter && bytes[at] !== QUOTE) at++;
    this.#cursor.at = at;
    return parseTime(bytes, start, at, this.#options.timeUnit);
  }

  /** Any record, quoted fields too; it says what is wrong. */
  #decodeThoroughly(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    const reader = this.#reader;
    const fields = unquoted(bytes, start, end, this.#delimiter);
    reader.begin(start);
    if (fields === undefined) reader.reject('unclosed-quote', '', end);
    for (const [column, { text, at }] of (fields ?? []).slice(0, this.#roles.length).entries()) {
      const role = this.#roles[column];
      if (role === SYMBOL) reader.symbol(text, 0, text.length, at);
      else if (role === PRICE) reader.price(text, 0, text.length, at);
      else if (role === QUANTITY) reader.quantity(text, 0, text.length, at);
      else if (role === TIME) reader.time(text, 0, text.length, at);
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
    this.#roles = new Int8Array(Math.max(...needed.map((field) => (columns[field] ?? -1) + 1)));
    for (const field of needed) {
      const column = columns[field];
      if (column !== undefined) this.#roles[column] = ROLES[field];
    }
  }

  readonly #whereMissing = (field: Field): string => {
    const column = this.#columns[field];
    return column === undefined ? 'no column is called so' : `it should be in column ${column + 1}`;
  };
}

function endOfLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== LINE_FEED) at++;
  return at;
}

const TEXT = new TextDecoder();
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const NONE = 0;
const SYMBOL = 1;
const PRICE = 2;
const QUANTITY = 3;
const TIME = 4;
const ROLES: Readonly<Record<Field, number>> = {
  symbol: SYMBOL,
  price: PRICE,
  quantity: QUANTITY,
  time: TIME,
};
