/** The parts of a trade that a record must have. */
export type Field = 'symbol' | 'price' | 'quantity' | 'time';

/** Why a record is no trade; stable words for programs. */
export const REJECTION_CODES = [
  'record-too-long',
  'record-cut',
  'unclosed-quote',
  'not-json',
  'not-framed',
  'schema-unknown',
  'schema-unusable',
  'malformed',
  'missing-field',
  'not-a-number',
  'negative',
  'too-many-decimals',
  'too-large',
  'symbol-too-long',
  'symbol-not-text',
  'not-a-time',
  'time-out-of-range',
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

/** A record that is no trade, and why. It goes to the dead letters as it came. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly field: Field | undefined;
  /** Place of the fault in the record, in bytes from 1. */
  readonly column: number;
  /** For a person: what was expected, what was found, what to do. */
  readonly reason: string;
  /** Where the record lies in the bytes that were decoded, `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Which element of the record it is, from 0, where the record is an array of trades. */
  readonly index?: number;
}

/** The number that a rejection turns on, where there is one. */
export interface Limits {
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  readonly maxSymbolBytes: number;
}

/** Says what is wrong in a sentence. `found` is the field as it came. */
export function reasonOf(
  code: RejectionCode,
  field: Field | undefined,
  found: string,
  limits: Limits,
): string {
  const decimals = field === 'quantity' ? limits.quantityDecimals : limits.priceDecimals;
  switch (code) {
    case 'record-too-long':
      return `the record is longer than ${found} bytes`;
    case 'record-cut':
      return `the record is incomplete: ${found}`;
    case 'unclosed-quote':
      return 'a quoted field is not closed before the end of the line';
    case 'not-json':
      return `not a JSON object: ${printable(found)}`;
    case 'not-framed':
      return `not in the wire format of a schema registry: ${found}`;
    case 'schema-unknown':
      return `the schema registry has no schema ${found}`;
    case 'schema-unusable':
      return `the schema ${found}`;
    case 'malformed':
      return `the bytes are not as the schema ${found} has them`;
    case 'missing-field':
      return `no ${field}: ${found}`;
    case 'not-a-number':
      return `the ${field} is not a number: ${shown(found)}`;
    case 'negative':
      return `the ${field} is negative: ${shown(found)}`;
    case 'too-many-decimals':
      return `the ${field} has more than ${decimals} decimals: ${shown(found)}; raise input.${field}Decimals to keep them`;
    case 'too-large':
      return `the ${field} is too large to be exact with ${decimals} decimals: ${shown(found)}; lower input.${field}Decimals if it is right`;
    case 'symbol-too-long':
      return `the symbol is longer than ${limits.maxSymbolBytes} bytes: ${shown(found)}`;
    case 'symbol-not-text':
      return `the symbol is not printable UTF-8 text: ${shown(found)}`;
    case 'not-a-time':
      return `the time cannot be read: ${shown(found)}; input.timeUnit says in which form it comes`;
    case 'time-out-of-range':
      return `the time ${shown(found)} is not between 1970 and 2199; is input.timeUnit right?`;
  }
}

/** The field in quotes, without control characters, and shortened. */
function shown(found: string): string {
  return found.length <= MAX_SHOWN
    ? `"${printable(found)}"`
    : `"${printable(found.slice(0, MAX_SHOWN))}..." (${found.length} characters)`;
}

/** What came from the input must not command a terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL_CHARACTERS, '\u00b7');
}

/** Also the byte order mark, which nobody would see. */
const CONTROL_CHARACTERS = /[\p{Cc}\u{FEFF}]/gu;
const MAX_SHOWN = 40;
