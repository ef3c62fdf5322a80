/** One field of a record, its quotes taken off; `at` is where it begins in the record's own bytes. */
export interface CsvField {
  readonly text: Uint8Array;
  readonly at: number;
}

/**
 * The fields of the record in `bytes[start, end)` as RFC 4180 quotes them; undefined where a quote is left open.
 * A field with more than spaces behind its closing quote is no quoted one: it is left as it stands, quotes and all.
 */
export function unquoted(
  bytes: Uint8Array,
  start: number,
  end: number,
  delimiter: number,
): CsvField[] | undefined {
  const fields: CsvField[] = [];
  for (let at = start; at <= end;) {
    const begin = at;
    if (bytes[at] === QUOTE && at < end) {
      const text: number[] = [];
      for (at++; ; at++) {
        if (at >= end) return undefined;
        if (bytes[at] === QUOTE && (at + 1 === end || bytes[++at] !== QUOTE)) break;
        text.push(bytes[at]);
      }
      if (at + 1 === end && bytes[at] === QUOTE) at = end;
      let isQuoted = true;
      for (; at < end && bytes[at] !== delimiter; at++) isQuoted &&= bytes[at] <= SPACE;
      fields.push({ text: isQuoted ? Uint8Array.from(text) : bytes.subarray(begin, at), at: begin });
    } else {
      while (at < end && bytes[at] !== delimiter) at++;
      fields.push({ text: bytes.subarray(begin, at), at: begin });
    }
    at++;
  }
  return fields;
}

const SPACE = 0x20;
const QUOTE = 0x22;
