import { ByteCursor } from './byte-cursor.ts';
import type { CodecOptions } from './codec.ts';
import { MAX_TIME_MS, parseTime } from './event-time.ts';
import { endOfPlainString, endOfScalar, skipSpace, type Member } from './json-scan.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * The bytes of one JSON object between its values. Records of one producer differ in their values only: to compare
 * what lies between is four times as fast as to scan keys and colons anew.
 */
export class JsonTemplate {
  /** What stands before the first value, between two, and after the last; one after the other. */
  readonly #between: Uint8Array;
  /** Where piece i begins in `#between`; one more entry than pieces. */
  readonly #begin: Int32Array;
  /** What the value after piece i is. */
  readonly #kinds: Int8Array;
  readonly #options: CodecOptions;
  readonly #cursor: ByteCursor;

  /** `record` begins at `start` of the bytes in which the members were found. */
  constructor(
    record: Uint8Array,
    start: number,
    members: readonly Member[],
    memberOf: ReadonlyMap<Field, Member>,
    options: CodecOptions,
    symbols: SymbolTable,
  ) {
    const cuts = [
      0,
      ...members.flatMap(({ valueStart, valueEnd }) => [valueStart - start, valueEnd - start]),
    ];
    const pieces = members.map((_, i) => record.subarray(cuts[2 * i], cuts[2 * i + 1]));
    pieces.push(trimmedEnd(record.subarray(cuts[cuts.length - 1])));
    this.#between = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    this.#begin = new Int32Array(pieces.length + 1);
    for (const [i, piece] of pieces.entries()) this.#begin[i + 1] = this.#begin[i] + piece.length;
    this.#kinds = Int8Array.from(members, (member) => kindOf(member, memberOf));
    this.#options = options;
    this.#cursor = new ByteCursor(symbols);
  }

  /** Adds a trade; false, and nothing is done, for a record that is not like it or has an unusual value. */
  decode(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): boolean {
    const between = this.#between;
    const kinds = this.#kinds;
    const cursor = this.#cursor;
    let symbolId = -1;
    let priceTicks = -1;
    let quantityUnits = this.#options.withQuantity ? -1 : 0;
    let timeMs = -1;
    let at = start;
    for (let i = 0; ; i++) {
      const pieceEnd = this.#begin[i + 1];
      if (at + pieceEnd - this.#begin[i] > limit) return false;
      for (let piece = this.#begin[i]; piece < pieceEnd; piece++) {
        if (between[piece] !== bytes[at++]) return false;
      }
      if (i === kinds.length) break;
      const kind = kinds[i];
      cursor.at = at;
      if (kind === STRING) cursor.at = endOfPlainString(bytes, at, limit);
      else if (kind === SCALAR) cursor.at = endOfScalar(bytes, at, limit);
      else if (kind === SYMBOL) symbolId = cursor.symbol(bytes, at, limit, QUOTE);
      else if (kind === PRICE) priceTicks = cursor.decimal(bytes, at, limit, this.#options.priceDecimals);
      else if (kind === QUANTITY)
        quantityUnits = cursor.decimal(bytes, at, limit, this.#options.quantityDecimals);
      else timeMs = this.#time(bytes, at, limit);
      if (isPaddedNumber(kind, bytes, at, cursor.at)) return false;
      at = cursor.at;
      if (at === -1) return false;
    }
    if (skipSpace(bytes, at, limit) !== limit) return false;
    if (symbolId < 0 || priceTicks < 0 || quantityUnits < 0 || timeMs < 0 || timeMs >= MAX_TIME_MS) {
      return false;
    }
    batch.add(symbolId, priceTicks, quantityUnits, timeMs, start, limit);
    return true;
  }

  #time(bytes: Uint8Array, start: number, limit: number): number {
    if (this.#options.timeUnit === 'ms') return this.#cursor.integer(bytes, start, limit);
    let at = start;
    while (at < limit && bytes[at] !== QUOTE && bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
    this.#cursor.at = at;
    return parseTime(bytes, start, at, this.#options.timeUnit);
  }
}

function kindOf(member: Member, memberOf: ReadonlyMap<Field, Member>): number {
  for (const [field, kind] of FIELD_KINDS) if (memberOf.get(field) === member) return kind;
  return member.isString ? STRING : SCALAR;
}

/** `007` is no JSON number, though it is fine in a string; such are for the thorough readers to tell apart. */
function isPaddedNumber(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
  return kind >= PRICE && end > start + 1 && bytes[start] === ZERO && bytes[start + 1] !== POINT;
}

function trimmedEnd(piece: Uint8Array): Uint8Array {
  let end = piece.length;
  while (end > 0 && piece[end - 1] <= SPACE) end--;
  return piece.subarray(0, end);
}

const STRING = 0;
const SCALAR = 1;
const SYMBOL = 2;
const PRICE = 3;
const QUANTITY = 4;
const TIME = 5;
const FIELD_KINDS = [
  ['symbol', SYMBOL],
  ['price', PRICE],
  ['quantity', QUANTITY],
  ['time', TIME],
] as const;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const CLOSE = 0x7d;
