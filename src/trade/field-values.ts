import {
  bigIntOfBytes,
  decimalText,
  shortestFloatText,
  unitsOfBigInt,
  unitsOfBytes,
  unitsOfDouble,
  unitsOfFloat,
  unitsOfInteger,
} from './binary-number.ts';
import type { CodecOptions } from './codec.ts';
import { MAX_TIME_MS, NOT_A_TIME, TIME_OUT_OF_RANGE } from './event-time.ts';
import type { FieldReader } from './field-reader.ts';
import type { Field } from './rejection.ts';

/** The unit of a whole number that tells a time. */
type TimeCount = 'ms' | 'us' | 'ns';

/**
 * Hands the values of one field, as binary records have them, to the reader of the fields: a price or quantity as
 * units, a time as milliseconds, a symbol as text. `at` is where the value lies in the record.
 */
export class FieldValues {
  readonly #field: Field;
  readonly #reader: FieldReader;
  readonly #decimals: number;
  /** What whole numbers count in where the schema does not say: 10^-scale. */
  readonly #scale: number;
  readonly #timeUnit: CodecOptions['timeUnit'];

  constructor(field: Field, reader: FieldReader, options: CodecOptions) {
    this.#field = field;
    this.#reader = reader;
    this.#decimals = field === 'quantity' ? options.quantityDecimals : options.priceDecimals;
    this.#scale = (field === 'quantity' ? options.quantityScale : options.priceScale) ?? 0;
    this.#timeUnit = options.timeUnit;
  }

  text(bytes: Uint8Array, start: number, end: number, at = start): void {
    const reader = this.#reader;
    if (this.#field === 'symbol') reader.symbol(bytes, start, end, at);
    else if (this.#field === 'price') reader.price(bytes, start, end, at);
    else if (this.#field === 'quantity') reader.quantity(bytes, start, end, at);
    else reader.time(bytes, start, end, at);
  }

  /** `scale`: of a decimal; undefined for bytes that are only bytes, which may be text. */
  bytes(bytes: Uint8Array, start: number, end: number, scale: number | undefined): void {
    const field = this.#field;
    if (scale === undefined) this.text(bytes, start, end);
    else if (field === 'price' || field === 'quantity') {
      const units = unitsOfBytes(bytes, start, end, scale, this.#decimals);
      if (units >= 0) this.#reader.units(field, units, start);
      else {
        const text = decimalText(bigIntOfBytes(bytes, start, end), scale);
        this.#reader.units(field, units, start, text);
      }
    } else this.unusable('a decimal', start);
  }

  /** A safe integer; `time`: the unit that the schema says. */
  integer(value: number, at: number, time?: TimeCount): void {
    const field = this.#field;
    if (field === 'time') this.#time(value, value, at, time);
    else if (field === 'symbol') this.unusable(String(value), at);
    else {
      const units = unitsOfInteger(value, this.#scale, this.#decimals);
      if (units >= 0) this.#reader.units(field, units, at);
      else this.#reader.units(field, units, at, decimalText(BigInt(value), this.#scale));
    }
  }

  /** One that is too large to be a safe number. */
  bigInteger(value: bigint, at: number, time?: TimeCount): void {
    const field = this.#field;
    if (field === 'time') this.#time(Number(value), value, at, time);
    else if (field === 'symbol') this.unusable(String(value), at);
    else {
      const units = unitsOfBigInt(value, this.#scale, this.#decimals);
      this.#reader.units(field, units, at, units < 0 ? decimalText(value, this.#scale) : '');
    }
  }

  double(value: number, at: number): void {
    const field = this.#field;
    if (field === 'price' || field === 'quantity') {
      const units = unitsOfDouble(value, this.#decimals);
      if (units >= 0) this.#reader.units(field, units, at);
      else this.#reader.units(field, units, at, String(value));
    } else this.#fraction(value, at);
  }

  float(value: number, at: number): void {
    const field = this.#field;
    if (field === 'price' || field === 'quantity') {
      const units = unitsOfFloat(value, this.#decimals);
      this.#reader.units(field, units, at, units < 0 ? floatText(value) : '');
    } else this.#fraction(value, at);
  }

  /** A point in time in seconds and nanoseconds, as Protobuf's Timestamp. */
  timestamp(seconds: number, nanos: number, at: number): void {
    const timeMs = seconds * 1000 + Math.floor(nanos / 1_000_000);
    this.#instant(timeMs, `${seconds} s ${nanos} ns`, at);
  }

  /** A value that cannot be what the field is. */
  unusable(found: string, at: number): void {
    const field = this.#field;
    const code = field === 'symbol' ? 'symbol-not-text' : field === 'time' ? 'not-a-time' : 'not-a-number';
    this.#reader.reject(code, found, at, field);
  }

  /** `nearest` is `exact` as a double. */
  #time(nearest: number, exact: number | bigint, at: number, time = this.#timeUnit): void {
    if (time === 'iso') this.#reader.instant(NOT_A_TIME, at, String(exact));
    else if (time === 'ms') this.#instant(nearest, exact, at);
    else if (typeof exact === 'number')
      this.#instant(Math.floor(exact / (time === 'us' ? 1e3 : 1e6)), exact, at);
    else this.#instant(Number(exact / (time === 'us' ? 1_000n : 1_000_000n)), exact, at);
  }

  #instant(timeMs: number, found: number | bigint | string, at: number): void {
    if (timeMs >= 0 && timeMs < MAX_TIME_MS) this.#reader.instant(timeMs, at);
    else this.#reader.instant(TIME_OUT_OF_RANGE, at, String(found));
  }

  /** A time with a fraction, in the unit that the pipeline says. */
  #fraction(value: number, at: number): void {
    if (this.#field === 'time' && Number.isFinite(value)) this.#time(Math.floor(value), value, at);
    else this.unusable(String(value), at);
  }
}

function floatText(value: number): string {
  return Number.isFinite(value) ? shortestFloatText(value) : String(value);
}
