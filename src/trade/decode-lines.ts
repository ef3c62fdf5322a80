import type { TradeCodec } from './codec.ts';
import type { TradeBatch } from './trade-batch.ts';

/** Walks over lines: where it stands, and the number of the line that begins there. */
export interface LinePosition {
  at: number;
  line: number;
}

/**
 * Decodes lines of `bytes`, up to `end`, until the batch holds `maxRows` trades or rejections, and moves `position`
 * behind them. Blank lines are passed over. To find a line's end first is cheap (memchr) and spares the decoder to
 * look for it at every byte.
 */
export function decodeLines(
  codec: TradeCodec,
  bytes: Uint8Array,
  position: LinePosition,
  end: number,
  batch: TradeBatch,
  maxRows: number,
): void {
  while (position.at < end && batch.length + batch.rejections.length < maxRows) {
    const room = Math.min(MOST_LINES, maxRows - batch.length - batch.rejections.length);
    const count = findLines(bytes, position, end, room);
    for (let i = 0; i < count; i++) {
      i = codec.decodePlain(bytes, LINES, i, count, batch);
      if (i === count) break;
      codec.decode(bytes, LINES.start[i], LINES.end[i], batch);
    }
  }
}

/** The next lines that are not blank, at most so many, into `LINES`; moves `position` behind them. Returns how many. */
function findLines(bytes: Uint8Array, position: LinePosition, end: number, most: number): number {
  let count = 0;
  let { at, line } = position;
  while (at < end && count < most) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const lineEnd = lineFeed === -1 || lineFeed > end ? end : lineFeed;
    if (!isBlank(bytes, at, lineEnd)) {
      LINES.start[count] = at;
      LINES.end[count++] = lineEnd;
    }
    at = lineEnd + 1;
    line++;
  }
  position.at = Math.min(at, end);
  position.line = line;
  return count;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return start === end || (start + 1 === end && bytes[start] === CARRIAGE_RETURN);
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

const MOST_LINES = 1024;
const LINES = { start: new Int32Array(MOST_LINES), end: new Int32Array(MOST_LINES) };
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
