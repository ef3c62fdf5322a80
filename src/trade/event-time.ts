/** In which form a record tells its time: an integer since the epoch, or ISO 8601. */
export type TimeUnit = 'ms' | 'us' | 'ns' | 'iso';

export const NOT_A_TIME = -1;
export const TIME_OUT_OF_RANGE = -2;

/** A time after this is taken for a mistake of units: microseconds read as milliseconds lie in the year 50,000. */
export const MAX_TIME_MS = Date.UTC(2200, 0, 1);

/**
 * Reads the time in `bytes[start, end)` as whole milliseconds since the epoch, rounded down; or one of the negative
 * codes above. Hot path: no string and no Date.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number, unit: TimeUnit): number {
  while (start < end && bytes[start] <= SPACE) start++;
  while (end > start && bytes[end - 1] <= SPACE) end--;
  const timeMs = unit === 'iso' ? parseIso(bytes, start, end) : parseEpoch(bytes, start, end, unit);
  return timeMs < MAX_TIME_MS ? timeMs : TIME_OUT_OF_RANGE;
}

function parseEpoch(bytes: Uint8Array, start: number, end: number, unit: 'ms' | 'us' | 'ns'): number {
  if (start === end) return NOT_A_TIME;
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  const firstDigit = at;
  while (at < end && bytes[at] - ZERO >= 0 && bytes[at] - ZERO <= 9) at++;
  const digits = at - firstDigit;
  if (digits === 0 || !isFraction(bytes, at, end)) return NOT_A_TIME;
  if (negative) return TIME_OUT_OF_RANGE;
  // Nanoseconds since 1970 have 19 digits and no double: what is finer than a millisecond is not read at all.
  const lastDigit = at - (unit === 'ms' ? 0 : unit === 'us' ? 3 : 6);
  let value = 0;
  for (let i = firstDigit; i < lastDigit; i++) value = value * 10 + bytes[i] - ZERO;
  return value;
}

/** Nothing, or a point and digits: finer than needed. */
function isFraction(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (bytes[start] !== POINT) return false;
  for (let i = start + 1; i < end; i++) if (bytes[i] < ZERO || bytes[i] > NINE) return false;
  return true;
}

/**
 * `2018-08-21T20:55:38.3Z`, with a space for the T, without seconds, fraction or time; an offset such as `+10:00`.
 * Without an offset it is UTC.
 */
function parseIso(bytes: Uint8Array, start: number, end: number): number {
  const year = number(bytes, start, start + 4, end);
  const month = number(bytes, start + 5, start + 7, end);
  const day = number(bytes, start + 8, start + 10, end);
  if (year < 0 || bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return NOT_A_TIME;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NOT_A_TIME;
  const dayMs = daysSinceEpoch(year, month, day) * 86_400_000;
  const at = start + 10;
  if (at === end) return inRange(dayMs);
  if (bytes[at] !== SPACE && (bytes[at] | LOWER_CASE) !== LETTER_T) return NOT_A_TIME;
  const hour = number(bytes, at + 1, at + 3, end);
  const minute = number(bytes, at + 4, at + 6, end);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || bytes[at + 3] !== COLON) return NOT_A_TIME;
  return withSeconds(bytes, at + 6, end, dayMs + hour * 3_600_000 + minute * 60_000);
}

function withSeconds(bytes: Uint8Array, start: number, end: number, minuteMs: number): number {
  if (start >= end || bytes[start] !== COLON) return withOffset(bytes, start, end, minuteMs);
  const second = number(bytes, start + 1, start + 3, end);
  if (second < 0 || second > 59) return NOT_A_TIME;
  let at = start + 3;
  let fractionMs = 0;
  if (at < end && (bytes[at] === POINT || bytes[at] === COMMA)) {
    at++;
    const first = at;
    for (
      let weight = 100;
      at < end && bytes[at] >= ZERO && bytes[at] <= NINE;
      at++, weight = Math.floor(weight / 10)
    ) {
      fractionMs += (bytes[at] - ZERO) * weight;
    }
    if (at === first) return NOT_A_TIME;
  }
  return withOffset(bytes, at, end, minuteMs + second * 1000 + fractionMs);
}

function withOffset(bytes: Uint8Array, start: number, end: number, localMs: number): number {
  if (start === end || (start + 1 === end && (bytes[start] | LOWER_CASE) === LETTER_Z))
    return inRange(localMs);
  if (bytes[start] !== PLUS && bytes[start] !== MINUS) return NOT_A_TIME;
  const hours = number(bytes, start + 1, start + 3, end);
  const minutesAt = bytes[start + 3] === COLON ? start + 4 : start + 3;
  const minutes = start + 3 === end ? 0 : number(bytes, minutesAt, minutesAt + 2, end);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NOT_A_TIME;
  if (start + 3 !== end && minutesAt + 2 !== end) return NOT_A_TIME;
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return inRange(bytes[start] === PLUS ? localMs - offsetMs : localMs + offsetMs);
}

function inRange(timeMs: number): number {
  return timeMs < 0 ? TIME_OUT_OF_RANGE : timeMs;
}

/** The digits in `[from, to)` as a number, or -1. */
function number(bytes: Uint8Array, from: number, to: number, end: number): number {
  if (to > end) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days between 1970-01-01 and a date of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const SPACE = 0x20;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LOWER_CASE = 0x20;
const LETTER_T = 0x74;
const LETTER_Z = 0x7a;
