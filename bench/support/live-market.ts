import { setTimeout as delay } from 'node:timers/promises';
import { TradeSums, type ExpectedWindows } from './expected-windows.ts';
import { csvLine, symbolName, type MarketTrade } from './market-file.ts';
import { promptWriter, type TradeWriter, type WrittenTrade } from './trade-writer.ts';
import type { WindowedJob } from './windowed-job.ts';

export interface LivePace {
  readonly symbols: number;
  readonly perSecond: number;
  readonly partitions: number;
}

/** Milliseconds since the epoch, with fractions: the clock of trades and of what watches the results. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Trades that happen now: paced by the wall clock, with the time of their sending, every symbol in turn. What is due
 * goes out about once a millisecond, so that batching adds little to a result's latency. Keeps what the windows must be.
 */
export class LiveMarket {
  readonly #window: Pick<WindowedJob, 'sizeMs' | 'slideMs' | 'delayMs'>;
  readonly #pace: LivePace;
  readonly #writer: TradeWriter;
  readonly #sums: TradeSums;
  #perSecond: number;
  #paceSinceMs = 0;
  #writtenBefore = 0;
  #written = 0;
  #newestMs = 0;
  #isStopping = false;
  #writing: Promise<void> | undefined;

  constructor(job: WindowedJob, pace: LivePace, writer = promptWriter(job.brokers, job.input)) {
    this.#window = job;
    this.#pace = pace;
    this.#perSecond = pace.perSecond;
    this.#sums = new TradeSums(pace.symbols, job.slideMs);
    this.#writer = writer;
  }

  async start(): Promise<void> {
    await this.#writer.connect();
    this.changePace(this.#perSecond);
    this.#writing = this.#write();
    this.#writing.catch(() => undefined); // stop() tells of it
  }

  /** From now on so many trades a second. */
  changePace(perSecond: number): void {
    this.#paceSinceMs = clockMs();
    this.#writtenBefore = this.#written;
    this.#perSecond = perSecond;
  }

  /** Trades that are written. */
  get written(): number {
    return this.#written;
  }

  /** Settles never, and fails when the trades cannot be written. */
  get failure(): Promise<never> {
    return (this.#writing ?? Promise.resolve()).then(() => new Promise<never>(() => undefined));
  }

  /** Ends the trading with a trade of each symbol that lets everything before it close. Returns all closed windows. */
  async stop(): Promise<{ windows: ExpectedWindows; trades: number }> {
    this.#isStopping = true;
    await this.#writing;
    const { sizeMs, slideMs, delayMs } = this.#window;
    const watermarkMs = this.#newestMs + sizeMs + slideMs;
    const closing = Array.from({ length: this.#pace.symbols }, (_, symbol) =>
      this.#message({ symbol, priceCents: 10_000, quantity: 1, timeMs: watermarkMs + delayMs }),
    );
    await this.#writer.write(closing);
    return { windows: this.#sums.windows(sizeMs, watermarkMs), trades: this.#written };
  }

  /** Ends what is under way, also after a failure. */
  async close(): Promise<void> {
    this.#isStopping = true;
    await this.#writing?.catch(() => undefined);
    await this.#writer.disconnect();
  }

  async #write(): Promise<void> {
    while (!this.#isStopping) {
      const timeMs = Math.floor(clockMs());
      const elapsedSeconds = (timeMs - this.#paceSinceMs) / 1000;
      const due = this.#writtenBefore + Math.floor(elapsedSeconds * this.#perSecond);
      const messages: WrittenTrade[] = [];
      for (; this.#written < due; this.#written++) messages.push(this.#next(this.#written, timeMs));
      if (messages.length > 0) await this.#writer.write(messages);
      await delay(1);
    }
  }

  #next(index: number, timeMs: number): WrittenTrade {
    const symbol = index % this.#pace.symbols;
    const priceCents = 1_000 + ((index * 7_919) % 90_000);
    this.#sums.add(symbol, priceCents, timeMs);
    this.#newestMs = timeMs;
    return this.#message({ symbol, priceCents, quantity: 1 + (index % 900), timeMs });
  }

  #message(trade: MarketTrade): WrittenTrade {
    return {
      key: symbolName(trade.symbol),
      value: csvLine(trade),
      partition: trade.symbol % this.#pace.partitions,
    };
  }
}
