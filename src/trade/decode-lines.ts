import type { TradeCodec } from './codec.ts';
import type { TradeBatch } from './trade-batch.ts';

/**
 * Decodes the lines in `bytes[start, end)` until the batch holds `maxRows` trades or rejections. Blank lines are
 * passed over. Returns where to go on.
 */
export function decodeLines(
  codec: TradeCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  batch: TradeBatch,
  maxRows: number,
): number {
  let at = start;
  while (at < end && batch.length + batch.rejections.length < maxRows) {
    const byte = bytes[at];
    if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && (at + 1 === end || bytes[at + 1] === LINE_FEED)))
      at++;
    else at = codec.decode(bytes, at, end, batch) + 1;
  }
  return Math.min(at, end);
}

/** Numbers of lines, asked for in rising order of their places: each line feed is looked at once. */
export class LineNumbers {
  readonly #bytes: Uint8Array;
  #at: number;
  #line: number;

  /** `line` is the number of the line that begins at `at`. */
  constructor(bytes: Uint8Array, at: number, line: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#line = line;
  }

  /** The number of the line that `place` is in, or begins, no less than the place asked for before. */
  lineAt(place: number): number {
    for (;;) {
      const lineFeed = this.#bytes.indexOf(LINE_FEED, this.#at);
      if (lineFeed === -1 || lineFeed >= place) return this.#line;
      this.#line++;
      this.#at = lineFeed + 1;
    }
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
