import { createLogUpdate } from 'log-update';
import Table from 'cli-table3';
import type { ConsoleStream } from './console-sink.ts';
import { clipped, timeText } from './for-eyes.ts';
import type { RawRecord, RecordView } from './record-view.ts';

/** Ten refreshes a second are as many as eyes can use. */
const REFRESH_MS = 100;
/** No terminal has more lines. */
const MOST_ROWS = 500;

export interface SeenRecord extends Pick<RecordView, 'symbol' | 'text'> {
  readonly record: Pick<RawRecord, 'partition' | 'offset' | 'timestampMs'>;
}

/** The newest records of a topic on a terminal, in place; the last frame stays. */
export class RecordTable {
  readonly #stream: ConsoleStream;
  readonly #status: () => string;
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  #newest: readonly SeenRecord[] = [];

  constructor(stream: ConsoleStream, status: () => string) {
    this.#stream = stream;
    this.#status = status;
    this.#update = createLogUpdate(stream);
    this.#timer = setInterval(() => {
      this.#draw();
    }, REFRESH_MS).unref();
  }

  add(records: readonly SeenRecord[]): void {
    this.#newest = [...this.#newest, ...records].slice(-MOST_ROWS);
  }

  /** Leaves nothing on the screen. */
  clear(): void {
    clearInterval(this.#timer);
    this.#update.clear();
  }

  finish(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#update.done();
  }

  #draw(): void {
    const { columns = 80, rows = 24 } = this.#stream;
    this.#update(recordTable(this.#newest, { columns, rows }, this.#status()));
  }
}

/** As many of the newest records as fit, the newest last, and the status below. */
export function recordTable(
  newest: readonly SeenRecord[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
  status: string,
): string {
  const room = Math.max(1, rows - HEAD_AND_FOOT);
  const table = new Table({ head: [...HEAD], colAligns: [...ALIGNS], chars: PLAIN, style: STYLE });
  for (const { symbol = '', text, record } of newest.slice(-room)) {
    const { partition, offset, timestampMs } = record;
    table.push([
      String(partition),
      String(offset),
      timeText(timestampMs),
      clipped(symbol, LONGEST_NAME),
      text,
    ]);
  }
  const drawn = newest.length === 0 ? [] : [...table.toString().split('\n'), ''];
  return [...drawn, status].map((line) => clipped(line.trimEnd(), columns - 1)).join('\n');
}

const HEAD = ['partition', 'offset', 'written, UTC', 'symbol', 'record'] as const;
const ALIGNS = ['right', 'right', 'left', 'left', 'left'] as const;
const HEAD_AND_FOOT = 4;
const LONGEST_NAME = 12;
const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true };
const PLAIN = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};
