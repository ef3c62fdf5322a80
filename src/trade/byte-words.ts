/**
 * Four bytes at a time, as a word whose lowest byte is the first (Warren, "Hacker's Delight", 6-1). Hot path: JavaScript
 * has no wider integers that are as fast as these.
 */

/** The word of four such bytes. */
export function fourOf(byte: number): number {
  return Math.imul(byte, 0x01010101);
}

/** Not 0 if one of the bytes is 0. Bit 7 of the first that is, and no bit below it, is set. */
export function zeroBytes(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
}

/** How many bytes come before the first that `marks`, of `zeroBytes`, is set in. */
export function bytesBefore(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >>> 3;
}

/** A word with all bits set of the bytes before the first that `marks` is set in. */
export function maskBefore(marks: number): number {
  return ((marks & -marks) >>> 7) - 1;
}

/** The four bytes as decimal digits, the first the highest; -1 if one is none. */
export function fourDigits(word: number): number {
  const digits = word ^ 0x30303030;
  if (((digits + 0x76767676) | digits) & 0x80808080) return -1;
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return Math.imul(pairs & 0xff, 100) + (pairs >>> 16);
}
