import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { ByteSource } from '../pipeline/source.ts';
import { Market } from './market.ts';
import { Random } from './random.ts';
import { MOST_TICKERS, tickers } from './tickers.ts';
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

/** The stream of trades as a function of its options: how many are due, and their lines. */
class DemoTrades {
  written = 0;
  readonly #market: Market;
  readonly #delays: Random;
  readonly #lines: TradeLines;
  readonly #firstMs: number;
  readonly #spacingMs: number;
  readonly #disorderMs: number;
  readonly #lateBelow: number;

  constructor(options: DemoOptions, nowMs: number) {
    const { symbols = 20, rate = 1_000, disorderMs = 500, lateShare = 0, seed = 1 } = options;
    const { startMs = nowMs, backfillMs = 10_000 } = options;
    const symbolCount = Math.min(Math.max(1, Math.floor(symbols)), MOST_TICKERS);
    this.#spacingMs = 1000 / rate;
    this.#firstMs = startMs - Math.min(backfillMs, MOST_BACKFILL_TRADES * this.#spacingMs);
    this.#disorderMs = disorderMs;
    this.#lateBelow = lateShare * 2 ** 32;
    this.#market = new Market(symbolCount, this.#firstMs, new Random(seed));
    this.#delays = new Random(seed + 2 ** 32);
    this.#lines = new TradeLines(tickers(symbolCount), BUFFER_BYTES);
  }

  /** How many trades have happened by `nowMs`. */
  dueBy(nowMs: number): number {
    return nowMs < this.#firstMs ? 0 : Math.floor((nowMs - this.#firstMs) / this.#spacingMs) + 1;
  }

  /** Writes trades up to the number `end` in all, or fewer if the buffer is full. The lines stay until the next call. */
  write(end: number): Uint8Array {
    const lines = this.#lines;
    const market = this.#market;
    lines.length = 0;
    for (; this.written < end && lines.hasRoom; this.written++) {
      const arrivalMs = this.#firstMs + this.written * this.#spacingMs;
      market.trade(arrivalMs);
      const eventMs = Math.floor(arrivalMs - this.#delayMs());
      lines.write(market.symbol, market.isBuy, market.priceTicks, market.quantity, eventMs);
    }
    return lines.buffer.subarray(0, lines.length);
  }

  #delayMs(): number {
    const random = this.#delays;
    const delayMs = this.#disorderMs * random.uniform();
    if (this.#lateBelow === 0 || random.uint32() >= this.#lateBelow) return delayMs;
    return this.#disorderMs + 5_000 + 55_000 * random.uniform();
  }
}

function ignoreAbort(): void {
  // The loop sees it in the signal.
}
