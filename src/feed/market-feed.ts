import { MarketTrades, type MarketTradesOptions } from '../source/market-trades.ts';
import { tickers } from '../source/tickers.ts';
import type { Feed, FeedRecord } from './feed.ts';
import type { TradeText } from './trade-text.ts';

/**
 * A made-up market without an end: trade i is due `i / rate` after the start. The same options and the same
 * `firstMs` give the same trades.
 */
export function marketFeed(options: MarketTradesOptions, text: TradeText): Feed {
  return new MarketFeed(options, text);
}

class MarketFeed implements Feed {
  readonly #trades: MarketTrades;
  readonly #names: readonly string[];
  readonly #text: TradeText;

  constructor(options: MarketTradesOptions, text: TradeText) {
    this.#trades = new MarketTrades(options);
    this.#names = namesOf(this.#trades.symbols);
    this.#text = text;
  }

  due(elapsedMs: number, most: number): Promise<readonly FeedRecord[]> {
    const trades = this.#trades;
    const count = Math.min(most, trades.dueAfter(elapsedMs) - trades.drawn);
    return Promise.resolve(Array.from({ length: Math.max(0, count) }, () => this.#next()));
  }

  progress(): undefined {
    return undefined;
  }

  #next(): FeedRecord {
    const trades = this.#trades;
    trades.next();
    const { symbol: at, isBuy, priceTicks, quantity } = trades.market;
    const symbol = this.#names[at];
    const side = isBuy ? 'BUY ' : 'SELL';
    const value = this.#text({ symbol, side, priceCents: priceTicks, quantity, timeMs: trades.eventMs });
    return { key: symbol, value, isLate: trades.isLate };
  }
}

function namesOf(count: number): string[] {
  const { bytes, starts } = tickers(count);
  const text = new TextDecoder();
  return Array.from({ length: count }, (_, i) => text.decode(bytes.subarray(starts[i], starts[i + 1])));
}
