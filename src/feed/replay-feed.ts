import { TidemarkError } from '../pipeline/error.ts';
import type { ByteSource } from '../pipeline/source.ts';
import { tradeCodec, type CodecOptions, type TradeCodec } from '../trade/codec.ts';
import { LineFramer, type BrokenLine, type Lines } from '../trade/line-framer.ts';
import { SymbolTable } from '../trade/symbol-table.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import type { Feed, FeedRecord } from './feed.ts';

interface TimedRecord extends FeedRecord {
  readonly dueMs: number;
}

/**
 * A recording: its lines as they are, a header line apart, at `speed` times the pace at which their trades happened;
 * `Infinity` is as fast as they are taken. A trade that is out of order comes right after the one before it. A line
 * that is no trade is written all the same, without a key.
 */
export function replayFeed(source: ByteSource, codec: CodecOptions, speed: number): Feed {
  return new ReplayFeed(source, codec, speed);
}

class ReplayFeed implements Feed {
  readonly #source: ByteSource;
  readonly #pieces: AsyncGenerator<TimedRecord[]>;
  #piece: readonly TimedRecord[] = [];
  #at = 0;

  constructor(source: ByteSource, codec: CodecOptions, speed: number) {
    this.#source = source;
    this.#pieces = piecesOf(source, new Recording(codec, speed));
  }

  async due(elapsedMs: number, most: number): Promise<readonly FeedRecord[] | undefined> {
    while (this.#at === this.#piece.length) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      this.#piece = next.value;
      this.#at = 0;
    }
    const first = this.#at;
    const last = Math.min(this.#piece.length, first + most);
    while (this.#at < last && this.#piece[this.#at].dueMs <= elapsedMs) this.#at++;
    return this.#piece.slice(first, this.#at);
  }

  progress() {
    const { progressBytes: bytes, totalBytes } = this.#source;
    return { bytes, totalBytes };
  }
}

async function* piecesOf(source: ByteSource, recording: Recording): AsyncGenerator<TimedRecord[]> {
  const framer = new LineFramer();
  for await (const chunk of source.chunks(NEVER)) {
    if ('cut' in chunk) continue; // a file has none
    yield recording.records(framer.push(chunk));
  }
  yield recording.records(framer.end());
}

const NEVER = new AbortController().signal;

/** Turns lines into records. */
class Recording {
  readonly #symbols = new SymbolTable();
  readonly #codec: TradeCodec;
  readonly #trades = new TradeBatch();
  readonly #speed: number;
  #isFirst = true;
  #firstMs: number | undefined;
  #dueMs = 0;

  constructor(codec: CodecOptions, speed: number) {
    this.#codec = tradeCodec(codec, this.#symbols);
    this.#speed = speed;
  }

  records(lines: Iterable<Lines | BrokenLine>): TimedRecord[] {
    const records: TimedRecord[] = [];
    for (const piece of lines) {
      if ('broken' in piece) throw tooLong(piece.offset);
      for (let start = piece.start; start < piece.end;) {
        const lineFeed = piece.bytes.indexOf(LINE_FEED, start);
        const next = lineFeed === -1 ? piece.end : lineFeed;
        const end = next > start && piece.bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
        if (end > start) this.#take(piece.bytes, start, end, records);
        start = next + 1;
      }
    }
    return records;
  }

  #take(bytes: Uint8Array, start: number, end: number, to: TimedRecord[]): void {
    const isHeader = this.#isFirst && this.#codec.takeHeader(bytes, start, end);
    this.#isFirst = false;
    if (isHeader) return;
    const trades = this.#trades;
    trades.clear();
    this.#codec.decode(bytes, start, end, trades);
    const key = trades.length === 1 ? this.#symbols.name(trades.symbolId[0]) : null;
    if (key !== null) {
      this.#firstMs ??= trades.timeMs[0];
      this.#dueMs = Math.max(this.#dueMs, (trades.timeMs[0] - this.#firstMs) / this.#speed);
    }
    // A copy: the bytes are the source's.
    const value = Buffer.from(bytes.subarray(start, end));
    to.push({ key, value, isLate: false, dueMs: this.#dueMs });
  }
}

function tooLong(offset: number): TidemarkError {
  return new TidemarkError(
    'REPLAY_LINE_TOO_LONG',
    `the line at byte ${offset} of the recording is longer than a mebibyte`,
    'A recording has a trade a line, as CSV or JSON; name another file.',
  );
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
