/** Whole lines in `bytes[start, end)`, the last line feed included where there is one. */
export interface Lines {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Place of `bytes[start]` in the stream, from 0. */
  readonly offset: number;
}

/** A line that cannot be had whole. */
export interface BrokenLine {
  readonly broken: 'record-too-long' | 'record-cut';
  /** What happened, for a person. */
  readonly found: string;
  /** The bytes that came, at most MAX_LINE_BYTES. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** A trade takes a hundred bytes; a line of this length is another kind of file. */
export const MAX_LINE_BYTES = 1_048_576;

/** Cuts a stream of chunks into whole lines, in place: only a line across two chunks is copied. */
export class LineFramer {
  #carry: Uint8Array = new Uint8Array(0);
  /** Place in the stream of the next byte to come. */
  #offset = 0;
  #skipping = false;

  *push(chunk: Uint8Array): Generator<Lines | BrokenLine> {
    const offset = this.#offset;
    this.#offset += chunk.length;
    let start = 0;
    if (this.#carry.length > 0 || this.#skipping) {
      const lineFeed = chunk.indexOf(LINE_FEED);
      const end = lineFeed === -1 ? chunk.length : lineFeed + 1;
      yield* this.#complete(chunk.subarray(0, end), offset, lineFeed !== -1);
      if (lineFeed === -1) return;
      start = end;
    }
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > start) yield { bytes: chunk, start, end, offset: offset + start };
    yield* this.#keep(chunk.subarray(Math.max(start, end)));
  }

  /** The stream has ended: what is left is the last line. */
  *end(): Generator<Lines> {
    const bytes = this.#carry;
    this.#carry = new Uint8Array(0);
    if (bytes.length > 0) yield { bytes, start: 0, end: bytes.length, offset: this.#offset - bytes.length };
  }

  /** The stream broke off: an unfinished line will not be finished by what comes next, which has its own offsets. */
  *cut(why: string): Generator<BrokenLine> {
    const bytes = this.#carry;
    const offset = this.#offset - bytes.length;
    this.#carry = new Uint8Array(0);
    this.#skipping = false;
    this.#offset = 0;
    if (bytes.length > 0) yield { broken: 'record-cut', found: why, bytes, offset };
  }

  *#complete(head: Uint8Array, offset: number, whole: boolean): Generator<Lines | BrokenLine> {
    if (this.#skipping) {
      this.#skipping = !whole;
      return;
    }
    const begin = offset - this.#carry.length;
    const bytes = joined(this.#carry, head);
    this.#carry = new Uint8Array(0);
    if (!whole) yield* this.#keep(bytes);
    else if (bytes.length <= MAX_LINE_BYTES + 1) yield { bytes, start: 0, end: bytes.length, offset: begin };
    else yield tooLong(bytes, begin);
  }

  *#keep(tail: Uint8Array): Generator<BrokenLine> {
    if (tail.length <= MAX_LINE_BYTES) {
      this.#carry = new Uint8Array(tail); // a copy: the chunk's memory is its source's, and Buffer.slice is none
      return;
    }
    this.#skipping = true;
    yield tooLong(tail, this.#offset - tail.length);
  }
}

const LINE_FEED = 0x0a;

function tooLong(line: Uint8Array, offset: number): BrokenLine {
  const bytes = new Uint8Array(line.subarray(0, MAX_LINE_BYTES));
  return { broken: 'record-too-long', found: String(MAX_LINE_BYTES), bytes, offset };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
