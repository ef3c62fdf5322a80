import { MAX_UNITS, type ByteCursor } from './byte-cursor.ts';
import { bytesBefore, fourDigits, fourOf, maskBefore, zeroBytes } from './byte-words.ts';
import type { CodecOptions, RecordPlaces } from './codec.ts';
import { MAX_TIME_MS, parseTime } from './event-time.ts';
import type { Field } from './rejection.ts';
import { hashOfWords } from './short-symbols.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * Reads CSV records that are written in the plain way, one after the other. Hot path: each byte once, up to the last
 * column that is needed. It is one loop over all records, with what it reads in local variables and no call for a field
 * of the usual size, because that takes two thirds of the time.
 */
export class PlainCsv {
  readonly #options: CodecOptions;
  /** By column. */
  readonly #roles: Int8Array;
  readonly #cursor: ByteCursor;

  /** `fields`: by column, from 0, which one is there; up to the last that is needed. */
  constructor(options: CodecOptions, fields: readonly (Field | undefined)[], cursor: ByteCursor) {
    this.#options = options;
    this.#roles = Int8Array.from(fields, (field) => (field === undefined ? NONE : ROLES[field]));
    this.#cursor = cursor;
  }

  /**
   * Adds the records with the numbers `[from, to)` to `batch`. Returns the number of the first that needs a closer look,
   * of which nothing is added; one with a line feed does.
   */
  decode(
    bytes: Uint8Array,
    { start: starts, end: ends }: RecordPlaces,
    from: number,
    to: number,
    batch: TradeBatch,
  ): number {
    batch.reserve(to - from);
    const { symbolId: symbolIds, priceTicks: prices, quantityUnits: quantities, timeMs: times } = batch;
    const { recordStart, recordEnd } = batch;
    const { withQuantity, priceDecimals, quantityDecimals, timeUnit } = this.#options;
    const roles = this.#roles;
    const cursor = this.#cursor;
    const delimiter = this.#options.delimiter.charCodeAt(0);
    const delimiters = fourOf(delimiter);
    const view = cursor.viewOf(bytes);
    const lastEight = bytes.length - 8;
    const { words, ids, mask } = cursor.shortSymbols;
    let { length: row, symbolCount } = batch;
    let record = from;
    for (; record < to; record++) {
      const start = starts[record];
      const end = ends[record];
      if (start < 0) break;
      let symbolId = -1;
      let priceTicks = -1;
      let quantityUnits = withQuantity ? -1 : 0;
      let timeMs = -1;
      let at = start;
      for (let column = 0; column < roles.length; column++) {
        const role = roles[column];
        if (role === NONE) {
          let byte = 0;
          while (at < end && (byte = bytes[at]) !== delimiter && (byte > QUOTE || byte === SPACE)) at++;
        } else if (role === SYMBOL) {
          // As ShortSymbols.find.
          let first = 0;
          let second = 0;
          let marks = 0;
          let length = 0;
          if (at <= lastEight) {
            first = view.getInt32(at, true);
            marks = zeroBytes(first ^ delimiters);
            if (marks === 0) {
              second = view.getInt32(at + 4, true);
              marks = zeroBytes(second ^ delimiters);
              second &= maskBefore(marks);
              length = 4;
            } else {
              first &= maskBefore(marks);
            }
            length += bytesBefore(marks);
          }
          let place = hashOfWords(first, second) & mask;
          while (words[2 * place] !== 0 && (words[2 * place] !== first || words[2 * place + 1] !== second))
            place = (place + 1) & mask;
          if (marks !== 0 && words[2 * place] !== 0 && at + length <= end) {
            symbolId = ids[place];
            at += length;
          } else {
            symbolId = cursor.symbol(bytes, at, end, delimiter);
            at = cursor.at;
          }
        } else if (role === TIME) {
          const begin = at;
          if (timeUnit === 'ms') {
            timeMs = 0;
            for (let four = 0; at + 4 <= end && (four = fourDigits(view.getInt32(at, true))) >= 0; at += 4)
              timeMs = timeMs * 10_000 + four;
            for (let digit = 0; at < end && (digit = (bytes[at] - ZERO) >>> 0) <= 9; at++)
              timeMs = timeMs * 10 + digit;
            if (at === begin) timeMs = -1;
          } else {
            at = cursor.find(delimiter, bytes, at, end);
            timeMs = parseTime(bytes, begin, at, timeUnit);
          }
        } else {
          // As ByteCursor.decimal.
          const decimals = role === PRICE ? priceDecimals : quantityDecimals;
          const begin = at;
          let units = 0;
          for (let digit = 0; at < end && (digit = (bytes[at] - ZERO) >>> 0) <= 9; at++)
            units = (Math.imul(units, 10) + digit) | 0;
          let fraction = 0;
          let isUsual = at > begin;
          if (isUsual && at < end && bytes[at] === POINT) {
            const point = at++;
            for (let digit = 0; at < end && (digit = (bytes[at] - ZERO) >>> 0) <= 9; at++)
              units = (Math.imul(units, 10) + digit) | 0;
            fraction = at - point - 1;
            isUsual = fraction > 0;
          }
          if (isUsual && at - begin <= DIGITS_IN_32_BITS && fraction <= decimals) {
            for (; fraction < decimals; fraction++) units *= 10;
            if (units >= MAX_UNITS) break;
          } else {
            units = cursor.decimal(bytes, begin, end, decimals);
            if (units < 0) break;
            at = cursor.at;
          }
          if (role === PRICE) priceTicks = units;
          else quantityUnits = units;
        }
        if (at === end || (bytes[at] === CARRIAGE_RETURN && at + 1 === end)) break;
        if (bytes[at] !== delimiter) {
          symbolId = -1;
          break;
        }
        at++;
      }
      if (symbolId < 0 || priceTicks < 0 || quantityUnits < 0 || timeMs < 0 || timeMs >= MAX_TIME_MS) break;
      while (at + 4 <= end && zeroBytes(view.getInt32(at, true) ^ LINE_FEEDS) === 0) at += 4;
      while (at < end && bytes[at] !== LINE_FEED) at++;
      if (at < end) break;
      symbolIds[row] = symbolId;
      prices[row] = priceTicks;
      quantities[row] = quantityUnits;
      times[row] = timeMs;
      recordStart[row] = start;
      recordEnd[row] = end;
      if (symbolId >= symbolCount) symbolCount = symbolId + 1;
      row++;
    }
    batch.length = row;
    batch.symbolCount = symbolCount;
    return record;
  }
}

/** What is in a column; not exported, for V8 reads what another module can see each time. */
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
const DIGITS_IN_32_BITS = 9;
const LINE_FEED = 0x0a;
const LINE_FEEDS = fourOf(LINE_FEED);
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
