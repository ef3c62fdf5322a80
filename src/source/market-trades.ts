import { Market } from './market.ts';
import { Random } from './random.ts';
import { MOST_TICKERS } from './tickers.ts';

export interface MarketTradesOptions {
  /** How many, from 1 to 1,000,000. */
  readonly symbols: number;
  /** Trades a second. */
  readonly rate: number;
  /** Trades arrive out of order by at most this. */
  readonly disorderMs: number;
  /** Part of the trades that comes 5 to 60 s later than that, from 0 to 1. */
  readonly lateShare: number;
  readonly seed: number;
  /** When the first trade arrives, in ms since the epoch. */
  readonly firstMs: number;
}

/**
 * The stream of a market's trades as a function of its options: trade i arrives at `firstMs + i / rate`, and happened
 * up to `disorderMs` before. The clock only decides when it is asked for.
 *
 * Hot path: the last trade drawn is in the fields here and of `market`.
 */
export class MarketTrades {
  /** How many have been drawn. */
  drawn = 0;
  eventMs = 0;
  /** Whether the last one comes later than disorder alone explains. */
  isLate = false;
  readonly market: Market;
  readonly symbols: number;
  readonly #delays: Random;
  readonly #firstMs: number;
  readonly #spacingMs: number;
  readonly #disorderMs: number;
  readonly #lateBelow: number;

  constructor({ symbols, rate, disorderMs, lateShare, seed, firstMs }: MarketTradesOptions) {
    this.symbols = Math.min(Math.max(1, Math.floor(symbols)), MOST_TICKERS);
    this.#spacingMs = 1000 / rate;
    this.#firstMs = firstMs;
    this.#disorderMs = disorderMs;
    this.#lateBelow = lateShare * 2 ** 32;
    this.market = new Market(this.symbols, firstMs, new Random(seed));
    this.#delays = new Random(seed + 2 ** 32);
  }

  /** How many trades have arrived `elapsedMs` after the first. */
  dueAfter(elapsedMs: number): number {
    return elapsedMs < 0 ? 0 : Math.floor(elapsedMs / this.#spacingMs) + 1;
  }

  next(): void {
    const arrivalMs = this.#firstMs + this.drawn * this.#spacingMs;
    this.market.trade(arrivalMs);
    this.eventMs = Math.floor(arrivalMs - this.#delayMs());
    this.drawn++;
  }

  #delayMs(): number {
    const random = this.#delays;
    const delayMs = this.#disorderMs * random.uniform();
    this.isLate = this.#lateBelow !== 0 && random.uint32() < this.#lateBelow;
    return this.isLate ? this.#disorderMs + 5_000 + 55_000 * random.uniform() : delayMs;
  }
}
