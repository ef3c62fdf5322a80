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
 * Trades as CSV, a record a line. Hot path: one pass over the bytes of a record, which stops to look only at the
 * columns that are needed. A record with a quote in it (RFC 4180) takes a slower way.
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

  decode(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    const end = this.#decodePlain(bytes, start, limit, batch);
    return end === UNUSUAL ? this.#decodeThoroughly(bytes, start, limit, batch) : end;
  }

  /** Each byte once, fields parsed as they pass; UNUSUAL, and nothing done, for a record that needs a closer look. */
  #decodePlain(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    const roles = this.#roles;
    const delimiter = this.#delimiter;
    const cursor = this.#cursor;
    let symbolId = UNUSUAL;
    let priceTicks = UNUSUAL;
    let quantityUnits = this.#options.withQuantity ? UNUSUAL : 0;
    let timeMs = UNUSUAL;
    let at = start;
    for (let column = 0; column < roles.length; column++) {
      let byte = 0;
      const role = roles[column];
      if (role === NONE) {
        while (at < limit && (byte = bytes[at]) !== delimiter && byte !== LINE_FEED && byte !== QUOTE) at++;
      } else {
        if (role === SYMBOL) symbolId = cursor.symbol(bytes, at, limit, delimiter);
        else if (role === PRICE) priceTicks = cursor.decimal(bytes, at, limit, this.#options.priceDecimals);
        else if (role === QUANTITY)
          quantityUnits = cursor.decimal(bytes, at, limit, this.#options.quantityDecimals);
        else timeMs = this.#timeInMs ? cursor.integer(bytes, at, limit) : this.#time(bytes, at, limit);
        at = cursor.at;
      }
      if (at === limit) break;
      byte = bytes[at];
      if (byte === LINE_FEED) break;
      if (byte !== delimiter) return UNUSUAL;
      at++;
    }
    if (symbolId < 0 || priceTicks < 0 || quantityUnits < 0 || timeMs < 0 || timeMs >= MAX_TIME_MS)
      return UNUSUAL;
    while (at < limit && bytes[at] !== LINE_FEED) at++;
    batch.add(symbolId, priceTicks, quantityUnits, timeMs, start, at);
    return at;
  }

  #time(bytes: Uint8Array, start: number, limit: number): number {
    let at = start;
    while (at < limit && bytes[at] !== this.#delimiter && bytes[at] !== LINE_FEED && bytes[at] !== QUOTE)
      at++;
    this.#cursor.at = at;
    return parseTime(bytes, start, at, this.#options.timeUnit);
  }

  #decodeThoroughly(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    const reader = this.#reader;
    const roles = this.#roles;
    const delimiter = this.#delimiter;
    reader.begin(start);
    let at = start;
    for (let column = 0; column < roles.length; column++) {
      const fieldStart = at;
      let byte = 0;
      while (at < limit && (byte = bytes[at]) !== delimiter && byte !== LINE_FEED && byte !== QUOTE) at++;
      if (at < limit && byte === QUOTE) return this.#decodeQuoted(bytes, start, limit, batch);
      switch (roles[column]) {
        case SYMBOL:
          reader.symbol(bytes, fieldStart, at);
          break;
        case PRICE:
          reader.price(bytes, fieldStart, at);
          break;
        case QUANTITY:
          reader.quantity(bytes, fieldStart, at);
          break;
        case TIME:
          reader.time(bytes, fieldStart, at);
      }
      if (at === limit || byte === LINE_FEED) break;
      at++;
    }
    while (at < limit && bytes[at] !== LINE_FEED) at++;
    reader.finish(at, batch, this.#whereMissing);
    return at;
  }

  #decodeQuoted(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    const lineFeed = bytes.subarray(start, limit).indexOf(LINE_FEED);
    const end = lineFeed === -1 ? limit : start + lineFeed;
    const fields = unquoted(bytes, start, end, this.#delimiter);
    this.#reader.begin(start);
    if (fields === undefined) this.#reader.reject('unclosed-quote', '', end);
    for (const [column, { text, at }] of (fields ?? []).entries()) {
      if (column >= this.#roles.length) break;
      const role = this.#roles[column];
      if (role === SYMBOL) this.#reader.symbol(text, 0, text.length, at);
      else if (role === PRICE) this.#reader.price(text, 0, text.length, at);
      else if (role === QUANTITY) this.#reader.quantity(text, 0, text.length, at);
      else if (role === TIME) this.#reader.time(text, 0, text.length, at);
    }
    this.#reader.finish(end, batch, this.#whereMissing);
    return end;
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

const TEXT = new TextDecoder();
const LINE_FEED = 0x0a;
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
