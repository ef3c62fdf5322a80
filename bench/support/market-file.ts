import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** A file of trades as the benchmarks want it; the same arguments give the same bytes. */
export interface MarketFile {
  readonly trades: number;
  readonly symbols: number;
  /** Trades in a second of event time. */
  readonly perSecond: number;
  /** Share of trades that come out of order, by up to a second. */
  readonly disorder: number;
}

/** One trade of a market file. */
export interface MarketTrade {
  symbol: number;
  priceCents: number;
  quantity: number;
  timeMs: number;
}

export const FIRST_TRADE_MS = Date.UTC(2026, 0, 5, 14, 30);

/** The trades in order of arrival; the same object each time, filled anew. */
export function* marketTrades({ trades, symbols, perSecond, disorder }: MarketFile): Generator<MarketTrade> {
  const random = numbers(42);
  const trade: MarketTrade = { symbol: 0, priceCents: 0, quantity: 0, timeMs: 0 };
  for (let i = 0; i < trades; i++) {
    trade.symbol = Math.floor(random() * symbols);
    trade.priceCents = 1_000 + Math.floor(random() * 90_000);
    trade.quantity = 1 + Math.floor(random() * 900);
    trade.timeMs = FIRST_TRADE_MS + Math.floor((i * 1000) / perSecond);
    if (i > 0 && random() < disorder) trade.timeMs -= Math.floor(random() * 1000);
    yield trade;
  }
}

/** Writes the predecessor's CSV, about 60 bytes a trade. */
export async function writeMarketFile(path: string, market: MarketFile): Promise<void> {
  const file = createWriteStream(path);
  let text = '';
  for (const trade of marketTrades(market)) {
    text += `${csvLine(trade)}\n`;
    if (text.length < 1_000_000) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'finish');
}

/** A trade as the predecessor's producer wrote it, with the readable time as last column. */
export function csvLine({ symbol, priceCents, quantity, timeMs }: MarketTrade): string {
  const price = (priceCents / 100).toFixed(2);
  const side = quantity % 2 === 0 ? 'BUY ' : 'SELL';
  const readable = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
  return `${symbolName(symbol)},${side},${price},${quantity},${timeMs},${readable}`;
}

export function symbolName(symbol: number): string {
  return `SYM${String(symbol).padStart(3, '0')}`;
}

/** A linear congruential generator (Numerical Recipes, "quick and dirty"): good enough to spread a load. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
