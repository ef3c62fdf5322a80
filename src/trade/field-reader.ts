import type { CodecOptions } from './codec.ts';
import { NEGATIVE, NOT_A_NUMBER, parseDecimal, TOO_LARGE, TOO_MANY_DECIMALS } from './decimal.ts';
import { NOT_A_TIME, parseTime, TIME_OUT_OF_RANGE } from './event-time.ts';
import { reasonOf, type Field, type Rejection, type RejectionCode } from './rejection.ts';
import {
  MAX_SYMBOL_BYTES,
  SYMBOL_EMPTY,
  SYMBOL_NOT_TEXT,
  SYMBOL_TOO_LONG,
  type SymbolTable,
} from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * The parts of the record that is being decoded. A codec finds where the fields lie and hands each over; then
 * `finish` adds the trade, or the first thing that was wrong with it.
 */
export class FieldReader {
  readonly #options: CodecOptions;
  readonly #symbols: SymbolTable;
  #recordStart = 0;
  #index: number | undefined;
  #symbolId = MISSING;
  #priceTicks = MISSING;
  #quantityUnits = 0;
  #timeMs = MISSING;
  #fault: Omit<Rejection, 'start' | 'end'> | undefined;

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#symbols = symbols;
  }

  /** `index`: which element of an array of trades it is. */
  begin(recordStart: number, index?: number): void {
    this.#recordStart = recordStart;
    this.#index = index;
    this.#symbolId = MISSING;
    this.#priceTicks = MISSING;
    this.#quantityUnits = this.#options.withQuantity ? MISSING : 0;
    this.#timeMs = MISSING;
    this.#fault = undefined;
  }

  /** `at` is where the field lies in the record's own bytes, should `bytes` be a copy of it. */
  symbol(bytes: Uint8Array, start: number, end: number, at = start): void {
    while (start < end && bytes[start] <= SPACE) start++;
    while (end > start && bytes[end - 1] <= SPACE) end--;
    this.#symbolId = this.#symbols.intern(bytes, start, end);
    if (this.#symbolId < 0)
      this.#rejectField(SYMBOL_FAULTS[-this.#symbolId], 'symbol', bytes, start, end, at);
  }

  price(bytes: Uint8Array, start: number, end: number, at = start): void {
    this.#priceTicks = parseDecimal(bytes, start, end, this.#options.priceDecimals);
    if (this.#priceTicks < 0)
      this.#rejectField(NUMBER_FAULTS[-this.#priceTicks], 'price', bytes, start, end, at);
  }

  quantity(bytes: Uint8Array, start: number, end: number, at = start): void {
    if (!this.#options.withQuantity) return;
    this.#quantityUnits = parseDecimal(bytes, start, end, this.#options.quantityDecimals);
    if (this.#quantityUnits < 0) {
      this.#rejectField(NUMBER_FAULTS[-this.#quantityUnits], 'quantity', bytes, start, end, at);
    }
  }

  time(bytes: Uint8Array, start: number, end: number, at = start): void {
    this.#timeMs = parseTime(bytes, start, end, this.#options.timeUnit);
    if (this.#timeMs < 0) this.#rejectField(TIME_FAULTS[-this.#timeMs], 'time', bytes, start, end, at);
  }

  /** A number that the record does not hold as text: in units, or one of decimal.ts's negative codes with its text. */
  units(field: 'price' | 'quantity', units: number, at: number, text = ''): void {
    if (field === 'price') this.#priceTicks = units;
    else if (this.#options.withQuantity) this.#quantityUnits = units;
    if (units < 0) this.reject(NUMBER_FAULTS[-units], text, at, field);
  }

  /** A time that the record does not hold as text: in ms since the epoch, or one of event-time.ts's codes with its text. */
  instant(timeMs: number, at: number, text = ''): void {
    this.#timeMs = timeMs;
    if (timeMs < 0) this.reject(TIME_FAULTS[-timeMs], text, at, 'time');
  }

  /** The record says that it has no such field. */
  isNull(field: Field, at: number): void {
    if (field === 'quantity' && !this.#options.withQuantity) return;
    this.reject('missing-field', 'its value is null', at, field);
  }

  /** Something is wrong with the record as a whole; `at` is where. */
  reject(code: RejectionCode, found: string, at: number, field?: Field): void {
    this.#fault ??= {
      code,
      field,
      column: at - this.#recordStart + 1,
      reason: reasonOf(code, field, found, { ...this.#options, maxSymbolBytes: MAX_SYMBOL_BYTES }),
    };
  }

  /** Adds the trade or the rejection. `whereMissing` says where a field was looked for that is not there. */
  finish(recordEnd: number, batch: TradeBatch, whereMissing: (field: Field) => string): void {
    if (this.#fault === undefined) {
      if (
        this.#symbolId !== MISSING &&
        this.#priceTicks !== MISSING &&
        this.#timeMs !== MISSING &&
        this.#quantityUnits !== MISSING
      ) {
        batch.add(
          this.#symbolId,
          this.#priceTicks,
          this.#quantityUnits,
          this.#timeMs,
          this.#recordStart,
          recordEnd,
        );
        return;
      }
      const field = this.#firstMissing();
      this.reject('missing-field', whereMissing(field), recordEnd, field);
    }
    if (this.#fault !== undefined) {
      const index = this.#index === undefined ? {} : { index: this.#index };
      batch.rejections.push({ ...this.#fault, ...index, start: this.#recordStart, end: recordEnd });
    }
  }

  #firstMissing(): Field {
    if (this.#symbolId === MISSING) return 'symbol';
    if (this.#priceTicks === MISSING) return 'price';
    return this.#timeMs === MISSING ? 'time' : 'quantity';
  }

  #rejectField(
    code: RejectionCode,
    field: Field,
    bytes: Uint8Array,
    start: number,
    end: number,
    at: number,
  ): void {
    if (code === 'missing-field') this.reject(code, 'the field is empty', at, field);
    else this.reject(code, LENIENT_TEXT.decode(bytes.subarray(start, end)), at, field);
  }
}

/** No symbol has this id, and no price, quantity or time this value. */
const MISSING = -9;
const SPACE = 0x20;
const LENIENT_TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

const SYMBOL_FAULTS: Readonly<Record<number, RejectionCode>> = {
  [-SYMBOL_TOO_LONG]: 'symbol-too-long',
  [-SYMBOL_NOT_TEXT]: 'symbol-not-text',
  [-SYMBOL_EMPTY]: 'missing-field',
};
const NUMBER_FAULTS: Readonly<Record<number, RejectionCode>> = {
  [-NOT_A_NUMBER]: 'not-a-number',
  [-NEGATIVE]: 'negative',
  [-TOO_MANY_DECIMALS]: 'too-many-decimals',
  [-TOO_LARGE]: 'too-large',
};
const TIME_FAULTS: Readonly<Record<number, RejectionCode>> = {
  [-NOT_A_TIME]: 'not-a-time',
  [-TIME_OUT_OF_RANGE]: 'time-out-of-range',
};
