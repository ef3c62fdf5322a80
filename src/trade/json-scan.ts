/** One member of a flat object: where its key and its value lie, quotes not included. */
export interface Member {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly isString: boolean;
}

/**
 * The members of the object in `bytes[start, end)`; undefined for one that is not flat or not plain (escapes,
 * exponents, nesting) and for what is no JSON.
 */
export function scanFlatObject(bytes: Uint8Array, start: number, end: number): Member[] | undefined {
  const members: Member[] = [];
  let at = skipSpace(bytes, start, end);
  if (at === end || bytes[at] !== OPEN) return undefined;
  do {
    const member = scanMember(bytes, skipSpace(bytes, at + 1, end), end);
    if (member === undefined) return undefined;
    members.push(member);
    at = skipSpace(bytes, member.isString ? member.valueEnd + 1 : member.valueEnd, end);
  } while (at < end && bytes[at] === COMMA);
  if (at >= end || bytes[at] !== CLOSE) return undefined;
  return skipSpace(bytes, at + 1, end) === end ? members : undefined;
}

function scanMember(bytes: Uint8Array, start: number, limit: number): Member | undefined {
  if (start >= limit || bytes[start] !== QUOTE) return undefined;
  const keyStart = start + 1;
  const keyEnd = endOfPlainString(bytes, keyStart, limit);
  const colon = keyEnd === -1 ? limit : skipSpace(bytes, keyEnd + 1, limit);
  if (colon >= limit || bytes[colon] !== COLON) return undefined;
  const at = skipSpace(bytes, colon + 1, limit);
  if (at >= limit) return undefined;
  const isString = bytes[at] === QUOTE;
  const valueStart = isString ? at + 1 : at;
  const valueEnd = isString
    ? endOfPlainString(bytes, valueStart, limit)
    : endOfScalar(bytes, valueStart, limit);
  return valueEnd === -1 ? undefined : { keyStart, keyEnd, valueStart, valueEnd, isString };
}

/** The next byte from `at` on that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, at: number, limit: number): number {
  while (at < limit && isSpace(bytes[at])) at++;
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

/** Where a literal or a number without an exponent ends; -1 where there is none. */
export function endOfScalar(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && bytes[at] > SPACE && bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
  return isPlainNumber(bytes, start, at) || isLiteral(bytes, start, at) ? at : -1;
}

function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
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

function isLiteral(bytes: Uint8Array, start: number, end: number): boolean {
  return LITERALS.some(
    (word) => word.length === end - start && word.every((byte, i) => bytes[start + i] === byte),
  );
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

const LITERALS = ['true', 'false', 'null'].map((word) => Array.from(word, (letter) => letter.charCodeAt(0)));
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
