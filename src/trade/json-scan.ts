/** The next byte from `at` on that is no JSON white space, a line feed excepted: that ends a record. */
export function skipSpace(bytes: Uint8Array, at: number, limit: number): number {
  while (at < limit && (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === CARRIAGE_RETURN)) at++;
  return at;
}

/** Where the string that began before `at` ends; -1 if it has an escape or no end. */
export function endOfPlainString(bytes: Uint8Array, at: number, limit: number): number {
  while (at < limit) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
    at++;
  }
  return -1;
}

/** Where a number or a literal ends; -1 where none begins. */
export function endOfScalar(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && bytes[at] > SPACE && bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
  return at === start ? -1 : at;
}

/** Whether `bytes[start, end)` is a JSON number without an exponent. */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  while (at < end && isDigit(bytes[at])) at++;
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return false;
  if (at === end) return true;
  if (bytes[at] !== POINT) return false;
  const fraction = ++at;
  while (at < end && isDigit(bytes[at])) at++;
  return at === end && at > fraction;
}

export function isLiteral(bytes: Uint8Array, start: number, end: number): boolean {
  return LITERALS.some(
    (word) => word.length === end - start && word.every((byte, i) => bytes[start + i] === byte),
  );
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

const LITERALS = ['true', 'false', 'null'].map((word) => Array.from(word, (letter) => letter.charCodeAt(0)));
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
