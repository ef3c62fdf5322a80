import { NEGATIVE, NOT_A_NUMBER, TOO_LARGE, TOO_MANY_DECIMALS } from './decimal.ts';

/*
 * Numbers that a record does not hold as text, as integer multiples of 10^-decimals or one of decimal.ts's negative
 * codes. Exact, as all prices are: nothing is rounded.
 */

/** An integer that counts in 10^-scale. `value` is exact, below 2^53. */
export function unitsOfInteger(value: number, scale: number, decimals: number): number {
  if (value < 0) return NEGATIVE;
  if (scale <= decimals) return within(value * POWERS_OF_TEN[decimals - scale]);
  const divisor = 10 ** (scale - decimals);
  if (value % divisor !== 0) return TOO_MANY_DECIMALS;
  return within(value / divisor);
}

/** The same for an integer of any size. */
export function unitsOfBigInt(value: bigint, scale: number, decimals: number): number {
  if (value < 0n) return NEGATIVE;
  if (scale <= decimals) return within(Number(value * 10n ** BigInt(decimals - scale)));
  const divisor = 10n ** BigInt(scale - decimals);
  return value % divisor === 0n ? within(Number(value / divisor)) : TOO_MANY_DECIMALS;
}

/** The decimal of Avro: an integer in two's complement, the highest byte first, that counts in 10^-scale. */
export function unitsOfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  scale: number,
  decimals: number,
): number {
  if (end === start) return NOT_A_NUMBER;
  if (end - start > MOST_PLAIN_BYTES) return unitsOfBigInt(bigIntOfBytes(bytes, start, end), scale, decimals);
  let value = bytes[start] >= 0x80 ? bytes[start] - 0x100 : bytes[start];
  for (let at = start + 1; at < end; at++) value = value * 0x100 + bytes[at];
  return unitsOfInteger(value, scale, decimals);
}

export function bigIntOfBytes(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n;
  for (let at = start; at < end; at++) value = (value << 8n) | BigInt(bytes[at]);
  return BigInt.asIntN((end - start) * 8, value);
}

/**
 * A double is read as its shortest decimal text, what a person sees: 0.1 and not 0.1000000000000000055. That is the
 * decimal of up to 15 digits that the double was made from, where there was one: no two of those share a double.
 */
export function unitsOfDouble(value: number, decimals: number): number {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  if (value < 0) return NEGATIVE;
  const scale = POWERS_OF_TEN[decimals];
  const units = Math.round(value * scale);
  // Below 10^15 both of `units` and `scale` are exact, and the quotient is the double nearest to that decimal.
  if (units < 1e15 && units / scale === value) return units + 0; // of -0, 0
  return unitsOfText(String(value), decimals);
}

/** The shortest decimal that reads back as the same float: 0.1f is 0.1, and not 0.10000000149011612. */
export function shortestFloatText(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

export function unitsOfFloat(value: number, decimals: number): number {
  return Number.isFinite(value) ? unitsOfDouble(Number(shortestFloatText(value)), decimals) : NOT_A_NUMBER;
}

/** For messages: 12345 counted in 10^-2 is 123.45. */
export function decimalText(value: bigint, scale: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** What `String` writes for a double that is no multiple of 10^-decimals below 10^15: too fine or too large. */
function unitsOfText(text: string, decimals: number): number {
  const [mantissa, exponent = '0'] = text.split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  if (scale < -MOST_ZEROS) return TOO_LARGE;
  if (scale > MOST_ZEROS) return TOO_MANY_DECIMALS;
  const digits = BigInt(whole + fraction + '0'.repeat(Math.max(0, -scale)));
  return unitsOfBigInt(digits, Math.max(0, scale), decimals);
}

function within(units: number): number {
  return units < MAX_UNITS ? units : TOO_LARGE;
}

const MAX_UNITS = 2 ** 50;
const POWERS_OF_TEN = Float64Array.from({ length: 10 }, (_, power) => 10 ** power);
const MOST_PLAIN_BYTES = 6;
/** Of a double's text, whose exponent may be 308. */
const MOST_ZEROS = 330;
