import type { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import type { SymbolNames } from '../pipeline/sink.ts';
import type { Measure, ResultColumns } from '../window/results.ts';
import { ConsoleLines } from './console-lines.ts';
import { consoleTable } from './console-table.ts';
import { Outlet } from './outlet.ts';
import type { WatchedSink } from './stdout-sink.ts';
import { Watchlist } from './watchlist.ts';

/** The process's standard output, or what stands in for it. */
export type ConsoleStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export interface ConsoleOptions {
  readonly measures: readonly Measure[];
  /** Names of the pipeline's windows, as `3s`, by window index. */
  readonly windows: readonly string[];
  /** What stands below the table, a line or more; asked for at each refresh. */
  readonly status?: () => string;
}

export interface ConsoleSink extends WatchedSink {
  /** Prints a message where it disturbs no table: above it on a terminal, else nowhere and false. */
  print(message: string): boolean;
}

/** Ten refreshes a second are as many as eyes can use. */
const REFRESH_MS = 100;
/** No terminal has more lines. */
const MOST_SYMBOLS = 500;

/** Results for eyes: on a terminal a table that refreshes in place, elsewhere a line per result. */
export function consoleSink(stream: ConsoleStream, options: ConsoleOptions): ConsoleSink {
  const outlet = new Outlet(stream, 'stdout');
  return stream.isTTY === true ? new LiveTable(stream, outlet, options) : new PlainLines(outlet, options);
}

class PlainLines extends ConsoleLines implements ConsoleSink {
  readonly closed: AbortSignal;

  constructor(outlet: Outlet, options: ConsoleOptions) {
    super(outlet, options);
    this.closed = outlet.closed;
  }

  print(): boolean {
    return false;
  }
}

class LiveTable implements ConsoleSink {
  readonly closed: AbortSignal;
  readonly #stream: ConsoleStream;
  readonly #options: ConsoleOptions;
  readonly #watchlist = new Watchlist(MOST_SYMBOLS);
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  /** What the last frame was drawn from: unchanged, it is not drawn again. */
  #drawn = '';
  #hasNews = false;
  #isOver = false;

  constructor(stream: ConsoleStream, outlet: Outlet, options: ConsoleOptions) {
    this.closed = outlet.closed;
    this.#stream = stream;
    this.#options = options;
    this.#update = createLogUpdate(stream);
    this.#timer = setInterval(() => {
      this.#refresh();
    }, REFRESH_MS).unref();
  }

  write(results: ResultColumns, symbols: SymbolNames): void {
    this.#watchlist.observe(results, symbols);
    this.#hasNews = true;
  }

  print(message: string): boolean {
    if (this.#isOver) return false;
    this.#update.persist(message);
    this.#drawn = '';
    this.#refresh();
    return true;
  }

  /** The last frame stays on the screen. */
  async finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#refresh();
    this.#update.done();
    await Promise.resolve();
  }

  abandon(): Promise<void> {
    return this.finish();
  }

  #refresh(): void {
    const { columns = 80, rows = 24 } = this.#stream;
    const status = this.#options.status?.() ?? '';
    const drawnFrom = `${columns} ${rows} ${status}`;
    if (this.closed.aborted || (!this.#hasNews && drawnFrom === this.#drawn)) return;
    this.#hasNews = false;
    this.#drawn = drawnFrom;
    const content = { ...this.#options, status, watchlist: this.#watchlist };
    this.#update(consoleTable(content, { columns, rows }, this.#stream));
  }
}
