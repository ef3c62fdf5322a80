/** Ticks and units stay below 2^50, so that sums of them in doubles are exact (see window/accumulator.ts). */
const MAX_UNITS = 2 ** 50;

export const NOT_A_NUMBER = -1;
export const NEGATIVE = -2;
export const TOO_MANY_DECIMALS = -3;
export const TOO_LARGE = -4;

/**
 * Reads the decimal number in `bytes[start, end)` as an integer multiple of 10^-decimals; or one of the negative
 * codes above. Spaces around it are passed over. Hot path: no string is made but for numbers with an exponent.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, decimals: number): number {
  let at = start;
  while (at < end && bytes[at] <= SPACE) at++;
  const sign = bytes[at];
  if (at < end && (sign === MINUS || sign === PLUS)) at++;
  let value = 0;
  let digits = 0;
  let digit: number;
  while (at < end && (digit = bytes[at] - ZERO) >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digits++;
    at++;
  }
  let fraction = 0;
  let beyond = false;
  if (at < end && bytes[at] === POINT) {
    at++;
    while (at < end && (digit = bytes[at] - ZERO) >= 0 && digit <= 9) {
      if (fraction < decimals) {
        value = value * 10 + digit;
        fraction++;
      } else if (digit !== 0) {
        beyond = true;
      }
      digits++;
      at++;
    }
  }
  if (at < end && (bytes[at] | LOWER_CASE) === LETTER_E && digits > 0)
    return parseExponent(bytes, start, end, decimals);
  while (at < end && bytes[at] <= SPACE) at++;
  if (at !== end || digits === 0) return NOT_A_NUMBER;
  if (sign === MINUS) return NEGATIVE;
  if (beyond) return TOO_MANY_DECIMALS;
  value *= POWERS_OF_TEN[decimals - fraction];
  return value < MAX_UNITS ? value : TOO_LARGE;
}

/** `1.5e3` and the like, rare enough for text: the exponent moves the point, then it is a plain number. */
function parseExponent(bytes: Uint8Array, start: number, end: number, decimals: number): number {
  if (end - start > MAX_EXPONENT_TEXT) return NOT_A_NUMBER;
  const match = EXPONENT.exec(String.fromCharCode(...bytes.subarray(start, end)));
  if (match === null) return NOT_A_NUMBER;
  const [, sign, whole, fraction = '', exponent] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_SHIFT) return shift > 0 ? TOO_LARGE : TOO_MANY_DECIMALS;
  const digits = '0'.repeat(Math.max(0, -shift)) + whole + fraction + '0'.repeat(Math.max(0, shift));
  const point = Math.max(0, -shift) + whole.length + shift;
  const plain = `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  const text = Uint8Array.from(plain, (character) => character.charCodeAt(0));
  return parseDecimal(text, 0, text.length, decimals);
}

const EXPONENT = /^\s*([+-]?)(\d+)(?:\.(\d*))?[eE]([+-]?\d+)\s*$/;
const MAX_EXPONENT_TEXT = 64;
const MAX_SHIFT = 40;
const POWERS_OF_TEN = Float64Array.from({ length: 10 }, (_, power) => 10 ** power);
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LOWER_CASE = 0x20;
const LETTER_E = 0x65;
