import type { CodecOptions, RecordPlaces, TradeCodec } from './codec.ts';
import { FieldReader } from './field-reader.ts';
import { FIELDS, fit, NO_FIT } from './field-names.ts';
import { scanArray } from './json-array.ts';
import { scanFlatObject, type Member } from './json-scan.ts';
import { JsonTemplate } from './json-template.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * Trades as JSON objects, or arrays of them, in three ways, each for what the one before cannot read: the template of the record
 * before, from which a producer's records differ in their values only (hot path); a scan of any flat object, which
 * becomes the next template; `JSON.parse`.
 */
export class JsonCodec implements TradeCodec {
  readonly #options: CodecOptions;
  readonly #symbols: SymbolTable;
  readonly #reader: FieldReader;
  #template: JsonTemplate | undefined;
  /** Which element of an array is read; undefined outside of one. */
  #index: number | undefined;

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#symbols = symbols;
    this.#reader = new FieldReader(options, symbols);
  }

  takeHeader(): boolean {
    return false;
  }

  decode(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    if (this.#template?.decode(bytes, start, end, batch) === true) return;
    const elements = scanArray(bytes, start, end);
    if (elements === undefined) {
      this.#index = undefined;
      this.#decodeObject(bytes, start, end, batch);
      return;
    }
    for (const [index, place] of elements.entries()) {
      if (this.#template?.decode(bytes, place.start, place.end, batch) === true) continue;
      this.#index = index;
      this.#decodeObject(bytes, place.start, place.end, batch);
    }
  }

  decodeMessage(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    this.decode(bytes, start, end, batch);
  }

  decodePlain(
    bytes: Uint8Array,
    { start, end }: RecordPlaces,
    from: number,
    to: number,
    batch: TradeBatch,
  ): number {
    const template = this.#template;
    let record = from;
    if (template === undefined) return record;
    while (record < to && start[record] >= 0 && template.decode(bytes, start[record], end[record], batch))
      record++;
    return record;
  }

  #decodeObject(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    const members = scanFlatObject(bytes, start, end);
    if (members === undefined) this.#decodeAny(bytes, start, end, batch);
    else this.#decodeFlat(bytes, start, end, members, batch);
  }

  #decodeFlat(
    bytes: Uint8Array,
    start: number,
    end: number,
    members: readonly Member[],
    batch: TradeBatch,
  ): void {
    const memberOf = this.#fieldMembers(bytes, members);
    this.#reader.begin(start, this.#index);
    for (const field of FIELDS) {
      const member = memberOf.get(field);
      if (member !== undefined) this.#readMember(field, member, bytes);
    }
    this.#reader.finish(end, batch, this.#whereMissing);
    this.#template = new JsonTemplate(
      bytes.subarray(start, end),
      start,
      members,
      memberOf,
      this.#options,
      this.#symbols,
    );
  }

  #readMember(field: Field, { valueStart, valueEnd, isString }: Member, bytes: Uint8Array): void {
    if (isString || isNumber(bytes[valueStart])) {
      if (field !== 'symbol' || isString) this.#read(field, bytes, valueStart, valueEnd);
      else this.#reader.reject('symbol-not-text', textOf(bytes, valueStart, valueEnd), valueStart, field);
    } else if (textOf(bytes, valueStart, valueEnd) === 'null') {
      this.#rejectNull(field, valueStart);
    } else {
      const code = field === 'symbol' ? 'symbol-not-text' : field === 'time' ? 'not-a-time' : 'not-a-number';
      this.#reader.reject(code, textOf(bytes, valueStart, valueEnd), valueStart, field);
    }
  }

  /** For each field the member that fits it best, the last one of equals, as `JSON.parse` has it. */
  #fieldMembers(bytes: Uint8Array, members: readonly Member[]): Map<Field, Member> {
    const best = new Map<Field, { fit: number; member: Member }>();
    for (const member of members) {
      const key = this.#fieldNamed(textOf(bytes, member.keyStart, member.keyEnd));
      if (key !== undefined && key.fit <= (best.get(key.field)?.fit ?? NO_FIT)) {
        best.set(key.field, { fit: key.fit, member });
      }
    }
    return new Map([...best].map(([field, { member }]) => [field, member]));
  }

  #fieldNamed(name: string): { field: Field; fit: number } | undefined {
    const fits = FIELDS.map((field) => fit(name, field, this.#options.fields));
    const best = Math.min(...fits);
    return best === NO_FIT ? undefined : { field: FIELDS[fits.indexOf(best)], fit: best };
  }

  #decodeAny(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    this.#reader.begin(start, this.#index);
    let value: unknown;
    try {
      value = JSON.parse(TEXT.decode(bytes.subarray(start, end)), keepDigits);
    } catch (error) {
      this.#reader.reject('not-json', (error as SyntaxError).message, start);
    }
    if (isObject(value)) this.#readObject(value, start);
    else this.#reader.reject('not-json', Array.isArray(value) ? 'an array' : String(value), start);
    this.#reader.finish(end, batch, this.#whereMissing);
  }

  #readObject(value: object, start: number): void {
    const parts = new Map<Field, { fit: number; part: unknown }>();
    for (const [name, part] of Object.entries(value) as [string, unknown][]) {
      const key = this.#fieldNamed(name);
      if (key !== undefined && key.fit <= (parts.get(key.field)?.fit ?? NO_FIT)) {
        parts.set(key.field, { fit: key.fit, part });
      }
    }
    for (const field of FIELDS) {
      const part = parts.get(field)?.part;
      if (part === null) this.#rejectNull(field, start);
      else if (part !== undefined) this.#readPart(field, part, start);
    }
  }

  #rejectNull(field: Field, at: number): void {
    if (field === 'quantity' && !this.#options.withQuantity) return;
    this.#reader.reject('missing-field', 'its value is null', at, field);
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

/** A number as it was written: 19 digits of nanoseconds do not survive as a double. */
class Digits {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Inside a list or an object that stands where a number should. */
  toJSON(): number {
    return Number(this.#text);
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits);
}

function isNumber(first: number): boolean {
  return first === MINUS || (first >= ZERO && first <= NINE);
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return TEXT.decode(bytes.subarray(start, end));
}

const TEXT = new TextDecoder();
const BYTES = new TextEncoder();
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
