import type { TradeCodec } from '../trade/codec.ts';
import { HeaderError } from '../trade/csv-header.ts';
import { decodeLines, LineNumbers, type LinePosition } from '../trade/decode-lines.ts';
import { LineFramer, type BrokenLine, type Lines } from '../trade/line-framer.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import { ResultColumns } from '../window/results.ts';
import { LateTrades } from '../window/trade-columns.ts';
import type { WindowOperator } from '../window/window-operator.ts';
import { EXIT, TidemarkError } from './error.ts';
import type { DeadLetter, LateTrade } from './reject-output.ts';
import { ResultOrder } from './result-order.ts';
import type { ResultSink, SymbolNames } from './sink.ts';
import type { ByteSource, StreamCut } from './source.ts';

/** What a run is made of; it owns none of it. */
export interface LocalRunParts {
  readonly source: ByteSource;
  readonly codec: TradeCodec;
  readonly operator: WindowOperator;
  readonly symbols: SymbolNames;
  readonly sink: ResultSink;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void> | void;
  readonly onLateTrade: (trade: LateTrade) => Promise<void> | void;
  /** After this long without a trade the watermark goes on with the clock; undefined: never. */
  readonly idleAfterMs: number | undefined;
  /** The clock, in milliseconds from anywhere. */
  readonly nowMs: () => number;
}

/** What a run has done so far. */
export interface RunCounts {
  /** Trades counted in a window, late ones not included. */
  trades: number;
  /** Final results. */
  windows: number;
  /** Early results of `emit: update`. */
  updates: number;
  late: number;
  deadLetters: number;
}

/**
 * One input through the windows into one output, on one machine: bytes -> trades -> windows -> results. In one
 * direction and without an object per trade; what happens per batch of some thousand trades may allocate.
 */
export class LocalRun {
  readonly counts: RunCounts = { trades: 0, windows: 0, updates: 0, late: 0, deadLetters: 0 };
  readonly #parts: LocalRunParts;
  readonly #framer = new LineFramer();
  readonly #batch = new TradeBatch();
  readonly #results = new ResultColumns();
  readonly #late = new LateTrades();
  readonly #order: ResultOrder;
  /** Number of the first line that is not decoded yet. */
  #line = 1;
  #atFirstLine = true;
  /** The first line of all, if it was a header; undefined before it came. */
  #header: Uint8Array | undefined;
  /** Waited for chunks since the last trade: what comes in between may be a server's empty lines. */
  #silentMs = 0;

  constructor(parts: LocalRunParts) {
    this.#parts = parts;
    this.#order = new ResultOrder(parts.symbols);
  }

  /** Reads the source to its end or until `signal` aborts; windows close as the watermark passes them. */
  async consume(signal: AbortSignal): Promise<void> {
    const chunks = this.#parts.source.chunks(signal)[Symbol.asyncIterator]();
    try {
      for (let next = await this.#next(chunks); next.done !== true; next = await this.#next(chunks)) {
        const { value } = next;
        const pieces = value instanceof Uint8Array ? this.#framer.push(value) : this.#framer.cut(value.cut);
        for (const piece of pieces) await this.#take(piece);
        if (!(value instanceof Uint8Array)) this.#beginAnew();
        if (signal.aborted) break;
      }
    } finally {
      await chunks.return?.();
    }
    if (!signal.aborted) for (const lines of this.#framer.end()) await this.#take(lines);
  }

  /** The input is declared ended: closes every window. */
  async closeAll(): Promise<void> {
    this.#parts.operator.closeAll(this.#results);
    await this.#emit();
  }

  /** The next chunk; while it is awaited, idle time moves the watermark. */
  async #next(
    chunks: AsyncIterator<Uint8Array | StreamCut>,
  ): Promise<IteratorResult<Uint8Array | StreamCut, unknown>> {
    const { idleAfterMs, nowMs } = this.#parts;
    const next = chunks.next();
    if (idleAfterMs === undefined) return next;
    const pause = new Pause(next);
    const silentBeforeMs = this.#silentMs;
    const fromMs = nowMs();
    let stepMs = Math.max(1, idleAfterMs - silentBeforeMs);
    while (!(await pause.isOverWithin(Math.min(stepMs, IDLE_TICK_MS)))) {
      this.#silentMs = silentBeforeMs + nowMs() - fromMs;
      stepMs = idleAfterMs;
      if (this.#silentMs < idleAfterMs) continue;
      this.#parts.operator.idle(this.#silentMs, this.#results);
      await this.#emit();
    }
    this.#silentMs = silentBeforeMs + nowMs() - fromMs;
    return next;
  }

  async #take(piece: Lines | BrokenLine): Promise<void> {
    if ('broken' in piece) await this.#takeBroken(piece);
    else await this.#takeLines(piece);
  }

  async #takeLines(lines: Lines): Promise<void> {
    const position = { at: lines.start, line: this.#line };
    if (this.#atFirstLine) this.#takeHeader(lines, position);
    while (position.at < lines.end) {
      const { at, line } = position;
      decodeLines(this.#parts.codec, lines.bytes, position, lines.end, this.#batch, BATCH_ROWS);
      await this.#process(lines, at, line);
    }
    this.#line = position.line;
  }

  /** What comes after a cut has places of its own, and may begin with the same header as before. */
  #beginAnew(): void {
    this.#line = 1;
    this.#atFirstLine = true;
  }

  #takeHeader({ bytes, start, end }: Lines, position: LinePosition): void {
    const lineFeed = bytes.indexOf(LINE_FEED, start);
    const lineEnd = lineFeed === -1 || lineFeed >= end ? end : lineFeed;
    this.#atFirstLine = false;
    if (startsWithByteOrderMark(bytes, start)) position.at += 3;
    const line = withoutLineEnd(bytes.subarray(position.at, lineEnd));
    if (this.#header === undefined) {
      this.#header = this.#isHeader(bytes, position.at, lineEnd) ? line.slice() : NO_HEADER;
      if (this.#header === NO_HEADER) return;
    } else if (line.length === 0 || Buffer.compare(line, this.#header) !== 0) {
      return;
    }
    position.at = Math.min(lineEnd + 1, end);
    position.line++;
  }

  #isHeader(bytes: Uint8Array, start: number, end: number): boolean {
    try {
      return this.#parts.codec.takeHeader(bytes, start, end);
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error;
      throw new TidemarkError(
        'INPUT_HEADER',
        `${this.#parts.source.name}:1: ${error.message}`,
        `Name the columns, as in ${error.fields.map((field) => `--${field}-field NAME`).join(' ')}, or give their numbers, from 1.`,
        { exitCode: EXIT.input, cause: error },
      );
    }
  }

  /** Takes the batch into the windows; `line` is the number of the line that begins at `start`. */
  async #process(lines: Lines, start: number, line: number): Promise<void> {
    const { operator } = this.#parts;
    const batch = this.#batch;
    if (batch.length > 0) this.#silentMs = 0;
    await this.#rejectAll(lines, new LineNumbers(lines.bytes, start, line));
    for (let from = 0; from < batch.length; from += FOLDED_ROWS) {
      operator.fold(batch, from, Math.min(from + FOLDED_ROWS, batch.length), this.#results, this.#late);
      if (this.#results.length > MOST_RESULTS) await this.#emit();
    }
    this.counts.trades += batch.length - this.#late.length;
    await this.#putOutLate(lines, new LineNumbers(lines.bytes, start, line));
    await this.#emit();
    batch.clear();
    this.#late.clear();
  }

  async #emit(): Promise<void> {
    const results = this.#results;
    if (results.length === 0) return;
    this.#order.apply(results, this.#batch.symbolCount);
    let final = 0;
    for (let row = 0; row < results.length; row++) final += results.final[row];
    this.counts.windows += final;
    this.counts.updates += results.length - final;
    await this.#parts.sink.write(results, this.#parts.symbols);
    results.clear();
  }

  async #rejectAll({ bytes, start, offset }: Lines, numbers: LineNumbers): Promise<void> {
    const { rejections } = this.#batch;
    this.counts.deadLetters += rejections.length;
    for (const { code, column, reason, start: recordStart, end } of rejections) {
      await this.#parts.onDeadLetter({
        source: this.#parts.source.name,
        line: numbers.lineAt(recordStart),
        offset: offset + recordStart - start,
        column,
        code,
        reason,
        bytes: withoutLineEnd(bytes.subarray(recordStart, end)),
      });
    }
  }

  async #putOutLate({ bytes, start, offset }: Lines, numbers: LineNumbers): Promise<void> {
    const batch = this.#batch;
    this.counts.late += this.#late.length;
    for (const [i, row] of this.#late.row.entries()) {
      const recordStart = batch.recordStart[row];
      await this.#parts.onLateTrade({
        source: this.#parts.source.name,
        line: numbers.lineAt(recordStart),
        offset: offset + recordStart - start,
        symbol: this.#parts.symbols.name(batch.symbolId[row]),
        timeMs: batch.timeMs[row],
        watermarkMs: this.#late.watermarkMs[i],
        bytes: withoutLineEnd(bytes.subarray(recordStart, batch.recordEnd[row])),
      });
    }
  }

  async #takeBroken({ broken, found, bytes, offset }: BrokenLine): Promise<void> {
    this.counts.deadLetters++;
    const reason =
      broken === 'record-cut'
        ? `the record is incomplete: ${found}`
        : `the record is longer than ${found} bytes`;
    const { source } = this.#parts;
    await this.#parts.onDeadLetter({
      source: source.name,
      line: this.#line++,
      offset,
      column: bytes.length,
      code: broken,
      reason,
      bytes,
    });
  }
}

/** Small enough to stay in the processor's cache between decoding and folding. */
const BATCH_ROWS = 4096;
/** After so many trades it is seen whether results have piled up: early ones may be thousands a trade. */
const FOLDED_ROWS = 256;
const MOST_RESULTS = 1 << 16;
const IDLE_TICK_MS = 100;
const NO_HEADER = new Uint8Array(0);
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function withoutLineEnd(record: Uint8Array): Uint8Array {
  return record.at(-1) === CARRIAGE_RETURN ? record.subarray(0, -1) : record;
}

/** Spreadsheets put one before the first line. */
function startsWithByteOrderMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

/**
 * The wait for something, in steps. It is listened to once: a race per step would add a listener each time, and a
 * feed that is silent over a weekend would fill the memory with them.
 */
class Pause {
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(awaited: Promise<unknown>) {
    const end = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    awaited.then(end, end);
  }

  /** Settles when it is over, with true, or after `stepMs`. */
  async isOverWithin(stepMs: number): Promise<boolean> {
    if (this.#isOver) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, stepMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#isOver;
  }
}
