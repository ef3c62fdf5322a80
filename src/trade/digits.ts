const ZERO = 48;

/**
 * Writes `value`, whole and from 0 to 2^31 - 1, as decimal digits, and returns where they end.
 *
 * Hot path, as all of this file: digits go into the bytes one by one, without a string per number. The loop stands here
 * twice, for a call in between costs a tenth.
 */
export function writeInt32(out: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let bound = 10; value >= bound; bound *= 10) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    out[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

/** Writes the last `count` digits of `value`, whole and from 0 to 2^31 - 1, with leading zeros; returns where they end. */
export function writeDigits(out: Uint8Array, at: number, value: number, count: number): number {
  let rest = value;
  for (let i = at + count - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    out[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}
