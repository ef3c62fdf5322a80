import { skipSpace } from './json-scan.ts';

/** Where an element of an array lies, `[start, end)`, without the space around it. */
export interface ElementPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * The elements of the JSON array in `bytes[start, end)`; undefined for what is none, or breaks off. An element is told
 * by its brackets and quotes alone: whether it is JSON is for its reader to say.
 */
export function scanArray(bytes: Uint8Array, start: number, end: number): ElementPlace[] | undefined {
  let at = skipSpace(bytes, start, end);
  if (at === end || bytes[at] !== OPEN_ARRAY) return undefined;
  const elements: ElementPlace[] = [];
  at = skipSpace(bytes, at + 1, end);
  if (bytes[at] === CLOSE_ARRAY && at < end) return skipSpace(bytes, at + 1, end) === end ? [] : undefined;
  while (at < end) {
    const elementEnd = endOfElement(bytes, at, end);
    if (elementEnd === undefined || elementEnd === at) return undefined;
    elements.push({ start: at, end: withoutSpace(bytes, at, elementEnd) });
    if (bytes[elementEnd] === CLOSE_ARRAY)
      return skipSpace(bytes, elementEnd + 1, end) === end ? elements : undefined;
    at = skipSpace(bytes, elementEnd + 1, end);
    if (bytes[at] === CLOSE_ARRAY) return undefined; // a comma with nothing after it
  }
  return undefined;
}

/** The place of the comma or bracket behind the element. */
function endOfElement(bytes: Uint8Array, start: number, end: number): number | undefined {
  let depth = 0;
  for (let at = start; at < end; at++) {
    switch (bytes[at]) {
      case QUOTE:
        for (at++; at < end && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        break;
      case CLOSE_OBJECT:
        depth--;
        break;
      case CLOSE_ARRAY:
        if (depth === 0) return at;
        depth--;
        break;
      case COMMA:
        if (depth === 0) return at;
    }
  }
  return undefined;
}

function withoutSpace(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1] <= SPACE) end--;
  return end;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
