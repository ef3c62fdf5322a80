import { bytesBefore, fourDigits, fourOf, zeroBytes } from './byte-words.ts';
import { ShortSymbols } from './short-symbols.ts';
import type { SymbolTable } from './symbol-table.ts';

/**
 * Reads the plain way in which nearly all fields are written: no spaces around, no quotes, no exponent, at most 15
 * digits. Anything else is UNUSUAL, and the record goes to the thorough readers, which also say what is wrong with it.
 * Four times as fast as finding a field's end first and parsing it then, twice as fast as with single bytes alone.
 */
export class ByteCursor {
  /** The first byte that was not read. */
  at = 0;
  readonly #symbols: SymbolTable;
  /** The symbols that were read in the plain way. */
  readonly shortSymbols = new ShortSymbols();
  /** What `#view` is a view of; its bytes may change, its place does not. */
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);

  constructor(symbols: SymbolTable) {
    this.#symbols = symbols;
  }

  /** The id of the symbol that ends before `stop` or at `limit`. */
  symbol(bytes: Uint8Array, start: number, limit: number, stop: number): number {
    if (start + WORDS_OF_A_SYMBOL <= bytes.length) {
      const found = this.shortSymbols.find(this.viewOf(bytes), start, stop);
      const end = start + this.shortSymbols.length;
      if (found >= 0 && end <= limit) {
        this.at = end;
        return found;
      }
    }
    return this.#newSymbol(bytes, start, limit, stop);
  }

  #newSymbol(bytes: Uint8Array, start: number, limit: number, stop: number): number {
    let at = start;
    let hash = HASH_SEED;
    let byte: number;
    while (
      at < limit &&
      (byte = bytes[at]) !== stop &&
      byte > SPACE &&
      byte !== QUOTE &&
      byte !== BACKSLASH
    ) {
      hash = Math.imul(hash ^ byte, HASH_PRIME);
      at++;
    }
    this.at = at;
    const symbolId = this.#symbols.internHashed(bytes, start, at, hash);
    if (symbolId < 0) return UNUSUAL;
    this.shortSymbols.add(bytes, start, at, symbolId);
    return symbolId;
  }

  /** A number without a sign as an integer multiple of 10^-decimals. */
  decimal(bytes: Uint8Array, start: number, limit: number, decimals: number): number {
    let at = start;
    let value = 0;
    let digit: number;
    // Without a look at the size: nine digits are whole in 32 bits, and more are read again.
    while (at < limit && (digit = (bytes[at] - ZERO) >>> 0) <= 9) {
      value = (Math.imul(value, 10) + digit) | 0;
      at++;
    }
    let digits = at - start;
    let fraction = 0;
    if (digits > 0 && at < limit && bytes[at] === POINT) {
      const first = ++at;
      while (at < limit && (digit = (bytes[at] - ZERO) >>> 0) <= 9) {
        value = (Math.imul(value, 10) + digit) | 0;
        at++;
      }
      fraction = at - first;
      digits = fraction === 0 ? 0 : digits + fraction;
    }
    if (digits === 0 || digits > MAX_DIGITS || fraction > decimals) return UNUSUAL;
    this.at = at;
    const units = digits > DIGITS_IN_32_BITS ? allDigits(bytes, start, at) : value;
    const ticks = units * POWERS_OF_TEN[decimals - fraction];
    return ticks < MAX_UNITS ? ticks : UNUSUAL;
  }

  /** An integer without a sign. */
  integer(bytes: Uint8Array, start: number, limit: number): number {
    const view = this.viewOf(bytes);
    let at = start;
    let value = 0;
    for (let four: number; at + 4 <= limit && (four = fourDigits(view.getInt32(at, true))) >= 0; at += 4)
      value = value * 10_000 + four;
    for (let digit: number; at < limit && (digit = (bytes[at] - ZERO) >>> 0) <= 9; at++)
      value = value * 10 + digit;
    this.at = at;
    return at === start || at - start > MAX_DIGITS ? UNUSUAL : value;
  }

  /** Where `byte` is first in `bytes[start, limit)`; `limit` if it is not. */
  find(byte: number, bytes: Uint8Array, start: number, limit: number): number {
    const view = this.viewOf(bytes);
    const wanted = fourOf(byte);
    let at = start;
    for (; at + 4 <= limit; at += 4) {
      const marks = zeroBytes(view.getInt32(at, true) ^ wanted);
      if (marks !== 0) return at + bytesBefore(marks);
    }
    while (at < limit && bytes[at] !== byte) at++;
    return at;
  }

  /** A view of all of `bytes`, made once as long as they are asked for again. */
  viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

/** The digits of a number as one integer, its point passed over. */
function allDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) if (bytes[at] !== POINT) value = value * 10 + bytes[at] - ZERO;
  return value;
}

export const UNUSUAL = -1;
/** Ticks and units stay below: see decimal.ts. */
export const MAX_UNITS = 2 ** 50;

/** FNV-1a, as SymbolTable.intern computes it. */
export const HASH_SEED = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

const NOTHING = new Uint8Array(0);
const WORDS_OF_A_SYMBOL = 8;
const MAX_DIGITS = 15;
const DIGITS_IN_32_BITS = 9;

const POWERS_OF_TEN = Float64Array.from({ length: 10 }, (_, power) => 10 ** power);
const SPACE = 0x20;
const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
