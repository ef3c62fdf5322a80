import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { ByteSource } from '../pipeline/source.ts';
import { MarketTrades } from './market-trades.ts';
import { tickers } from './tickers.ts';
import { TradeLines } from './trade-lines.ts';

export interface DemoOptions {
  /** How many, from 1 to 1,000,000. */
  readonly symbols?: number;
  /** Trades a second. */
  readonly rate?: number;
  /** Trades arrive out of order by at most this. */
  readonly disorderMs?: number;
  /** Part of the trades that comes 5 to 60 s later than that, from 0 to 1. */
  readonly lateShare?: number;
  /** The same seed and options give the same trades. */
  readonly seed?: number;
  /** When the market opens, in ms since the epoch; now, if not given. */
  readonly startMs?: number;
  /** The trades of this time before `startMs` come first, all at once, so that windows close at once too. */
  readonly backfillMs?: number;
  /** Ends after this many trades; without it the demo goes on for ever. */
  readonly limit?: number;
  /** Trades come as the clock reaches them; false: as fast as they are taken. */
  readonly paced?: boolean;
  /** Now, in ms since the epoch. */
  readonly clock?: () => number;
}

/** Small enough that a live table moves smoothly. */
const BURST_MS = 25;
/** Fits the processor's cache, and holds some 4,500 trades. */
const BUFFER_BYTES = 1 << 18;
/** What a high rate may send ahead: more would keep the first results waiting. */
const MOST_BACKFILL_TRADES = 500_000;

/**
 * Trades of a made-up market, as CSV lines. Trade i happens at `startMs - backfill + i / rate`; the clock only
 * decides when it comes, so that the trades depend on the options alone. Each arrives up to `disorderMs` after it
 * happened: what its line carries is the time of the event.
 */
export function demoSource(options: DemoOptions = {}): ByteSource {
  return new DemoSource(options);
}

class DemoSource implements ByteSource {
  readonly name = 'demo';
  readonly bounded: boolean;
  readonly totalBytes = undefined;
  progressBytes = 0;
  readonly #options: DemoOptions;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.bounded = options.limit !== undefined;
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { limit = Number.POSITIVE_INFINITY, paced = true, clock = Date.now } = this.#options;
    const trades = new DemoTrades(this.#options, clock());
    while (trades.written < limit && !signal.aborted) {
      const due = paced ? trades.dueBy(clock()) : limit;
      const chunk = trades.write(Math.min(limit, due));
      if (chunk.length === 0) {
        await delay(BURST_MS, undefined, { signal }).catch(ignoreAbort);
        continue;
      }
      this.progressBytes += chunk.length;
      yield chunk;
      await turn(); // signals and timers of the process get their turn even when the consumer never waits
    }
  }
}

/** The market's trades, written as lines. */
class DemoTrades {
  readonly #trades: MarketTrades;
  readonly #firstMs: number;
  readonly #lines: TradeLines;

  constructor(options: DemoOptions, nowMs: number) {
    const { symbols = 20, rate = 1_000, disorderMs = 500, lateShare = 0, seed = 1 } = options;
    const { startMs = nowMs, backfillMs = 10_000 } = options;
    const firstMs = startMs - Math.min(backfillMs, (MOST_BACKFILL_TRADES * 1000) / rate);
    this.#firstMs = firstMs;
    this.#trades = new MarketTrades({ symbols, rate, disorderMs, lateShare, seed, firstMs });
    this.#lines = new TradeLines(tickers(this.#trades.symbols), BUFFER_BYTES);
  }

  get written(): number {
    return this.#trades.drawn;
  }

  /** How many trades have happened by `nowMs`. */
  dueBy(nowMs: number): number {
    return this.#trades.dueAfter(nowMs - this.#firstMs);
  }

  /** Writes trades up to the number `end` in all, or fewer if the buffer is full. The lines stay until the next call. */
  write(end: number): Uint8Array {
    const lines = this.#lines;
    const trades = this.#trades;
    const { market } = trades;
    lines.length = 0;
    while (trades.drawn < end && lines.hasRoom) {
      trades.next();
      lines.write(market.symbol, market.isBuy, market.priceTicks, market.quantity, trades.eventMs);
    }
    return lines.buffer.subarray(0, lines.length);
  }
}

function ignoreAbort(): void {
  // The loop sees it in the signal.
}
