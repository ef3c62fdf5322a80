import type { CodecOptions, TradeCodec } from './codec.ts';
import { FieldReader } from './field-reader.ts';
import { FIELDS, fit, NO_FIT } from './field-names.ts';
import { endOfPlainString, endOfScalar, isPlainNumber, isLiteral, skipSpace } from './json-scan.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * Trades as JSON objects. Hot path: the flat shape that trades have (strings without escapes, numbers, literals)
 * is read from the bytes, and keys are compared with the previous record's at the same place; anything else goes
 * through `JSON.parse`.
 */
export class JsonCodec implements TradeCodec {
  readonly #options: CodecOptions;
  readonly #reader: FieldReader;
  /** By place in the record: the key that was there last, and what it stands for. */
  readonly #keys: KnownKey[] = [];
  /** Where the field's value lies that was read last; -1 for one that is not there. */
  readonly #starts = new Int32Array(FIELDS.length);
  readonly #ends = new Int32Array(FIELDS.length);
  readonly #fits = new Int32Array(FIELDS.length);

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#reader = new FieldReader(options, symbols);
  }

  takeHeader(): boolean {
    return false;
  }

  decode(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    this.#reader.begin(start);
    const end = this.#scan(bytes, start, limit);
    if (end === -1) return this.#decodeAny(bytes, start, limit, batch);
    for (let i = 0; i < FIELDS.length; i++) {
      if (this.#starts[i] !== -1) this.#read(FIELDS[i], bytes, this.#starts[i], this.#ends[i]);
    }
    this.#reader.finish(end, batch, this.#whereMissing);
    return end;
  }

  /** Finds the fields of a flat object and returns where the record ends; -1 for anything that is not so plain. */
  #scan(bytes: Uint8Array, start: number, limit: number): number {
    this.#starts.fill(-1);
    this.#fits.fill(NO_FIT);
    let at = skipSpace(bytes, start, limit);
    if (at === limit || bytes[at] !== OPEN) return -1;
    at = skipSpace(bytes, at + 1, limit);
    for (let place = 0; ; place++) {
      if (at >= limit || bytes[at] !== QUOTE) return -1;
      const keyEnd = endOfPlainString(bytes, at + 1, limit);
      if (keyEnd === -1) return -1;
      const key = this.#keyAt(place, bytes, at + 1, keyEnd);
      at = skipSpace(bytes, keyEnd + 1, limit);
      if (at >= limit || bytes[at] !== COLON) return -1;
      at = skipSpace(bytes, at + 1, limit);
      const valueStart = at < limit && bytes[at] === QUOTE ? at + 1 : at;
      const valueEnd =
        valueStart === at ? endOfScalar(bytes, at, limit) : endOfPlainString(bytes, at + 1, limit);
      if (valueEnd === -1 || (valueStart === at && !isPlain(key, bytes, at, valueEnd))) return -1;
      if (key.index !== -1 && key.fit <= this.#fits[key.index]) {
        this.#starts[key.index] = valueStart;
        this.#ends[key.index] = valueEnd;
        this.#fits[key.index] = key.fit;
      }
      at = skipSpace(bytes, valueStart === at ? valueEnd : valueEnd + 1, limit);
      if (at >= limit) return -1;
      if (bytes[at] === CLOSE) break;
      if (bytes[at] !== COMMA) return -1;
      at = skipSpace(bytes, at + 1, limit);
    }
    at = skipSpace(bytes, at + 1, limit);
    return at === limit || bytes[at] === LINE_FEED ? at : -1;
  }

  #keyAt(place: number, bytes: Uint8Array, start: number, end: number): KnownKey {
    const known = place < this.#keys.length ? this.#keys[place] : undefined;
    if (known !== undefined && equals(known.bytes, bytes, start, end)) return known;
    const key = this.#keyNamed(TEXT.decode(bytes.subarray(start, end)), bytes.slice(start, end));
    if (place < MAX_REMEMBERED_KEYS) this.#keys[place] = key;
    return key;
  }

  #keyNamed(name: string, bytes: Uint8Array): KnownKey {
    const fits = FIELDS.map((field) => fit(name, field, this.#options.fields));
    const best = Math.min(...fits);
    return { bytes, index: best === NO_FIT ? -1 : fits.indexOf(best), fit: best };
  }

  #decodeAny(bytes: Uint8Array, start: number, limit: number, batch: TradeBatch): number {
    const lineFeed = bytes.subarray(start, limit).indexOf(LINE_FEED);
    const end = lineFeed === -1 ? limit : start + lineFeed;
    this.#reader.begin(start);
    let value: unknown;
    try {
      value = JSON.parse(TEXT.decode(bytes.subarray(start, end)), keepDigits);
    } catch (error) {
      this.#reader.reject('not-json', (error as SyntaxError).message, start);
    }
    if (isObject(value)) this.#readObject(value, start);
    else this.#reader.reject('not-json', Array.isArray(value) ? 'an array' : String(value), start);
    this.#reader.finish(end, batch, this.#whereMissing);
    return end;
  }

  #readObject(value: object, start: number): void {
    const parts = new Map<Field, { fit: number; part: unknown }>();
    for (const [name, part] of Object.entries(value) as [string, unknown][]) {
      const key = this.#keyNamed(name, NO_BYTES);
      const field = FIELDS[key.index] as Field | undefined;
      if (field !== undefined && key.fit <= (parts.get(field)?.fit ?? NO_FIT))
        parts.set(field, { fit: key.fit, part });
    }
    for (const field of FIELDS) {
      const part = parts.get(field)?.part;
      if (part !== undefined && part !== null) this.#readPart(field, part, start);
    }
  }

  #readPart(field: Field, part: unknown, start: number): void {
    const text = typeof part === 'string' || part instanceof Digits ? String(part) : JSON.stringify(part);
    const bytes = BYTES.encode(text);
    if (field === 'symbol' && typeof part !== 'string')
      this.#reader.reject('symbol-not-text', text, start, field);
    else this.#read(field, bytes, 0, bytes.length, start);
  }

  #read(field: Field, bytes: Uint8Array, start: number, end: number, at = start): void {
    switch (field) {
      case 'symbol':
        this.#reader.symbol(bytes, start, end, at);
        break;
      case 'price':
        this.#reader.price(bytes, start, end, at);
        break;
      case 'quantity':
        this.#reader.quantity(bytes, start, end, at);
        break;
      case 'time':
        this.#reader.time(bytes, start, end, at);
    }
  }

  readonly #whereMissing = (field: Field): string => {
    const configured = this.#options.fields[field];
    return configured === undefined
      ? `no key is one of its usual names; name it in input.fields.${field}`
      : `the object has no key "${configured}"`;
  };
}

interface KnownKey {
  readonly bytes: Uint8Array;
  /** Which of FIELDS it is, or -1. */
  readonly index: number;
  readonly fit: number;
}

/** A number as it was written: 19 digits of nanoseconds do not survive as a double. */
class Digits {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits);
}

/** What stands without quotes: a number for a field, also `true`, `false` or `null` for anything else. */
function isPlain(key: KnownKey, bytes: Uint8Array, start: number, end: number): boolean {
  if (isPlainNumber(bytes, start, end)) return FIELDS[key.index] !== 'symbol';
  return key.index === -1 && isLiteral(bytes, start, end);
}

function equals(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  if (a.length !== end - start) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[start + i]) return false;
  return true;
}

const TEXT = new TextDecoder();
const BYTES = new TextEncoder();
const NO_BYTES = new Uint8Array(0);
const MAX_REMEMBERED_KEYS = 64;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
