import { Random } from '../source/random.ts';
import type { Feed, FeedRecord } from './feed.ts';
import type { TradeFigures, TradeText } from './trade-text.ts';

export const PRESETS = ['random', 'late'] as const;
export type Preset = (typeof PRESETS)[number];

/**
 * The predecessor's two producers, as they were meant.
 *
 * `random`, without an end: a trade a second of AGL, AMC or ANZ, at any price under 1,000 and any quantity under
 * 1,000, sold and bought in turns; one in fifty is held up by as much as 0.2 s on its way.
 *
 * `late`, five trades in 13 s: the fourth moves the watermark past the first three, and the fifth is 12 s late.
 */
export function presetFeed(preset: Preset, seed: number, startMs: number, text: TradeText): Feed {
  return new PresetFeed(preset === 'late' ? lateTrades() : randomTrades(new Random(seed)), startMs, text);
}

interface PresetTrade extends Omit<TradeFigures, 'timeMs'> {
  /** When it is written, after the start. */
  readonly dueMs: number;
  /** How long before that it happened. */
  readonly lateByMs: number;
}

class PresetFeed implements Feed {
  readonly #trades: Iterator<PresetTrade>;
  readonly #startMs: number;
  readonly #text: TradeText;
  #next: PresetTrade | undefined;

  constructor(trades: Iterator<PresetTrade>, startMs: number, text: TradeText) {
    this.#trades = trades;
    this.#startMs = startMs;
    this.#text = text;
    const first = trades.next();
    this.#next = first.done === true ? undefined : first.value;
  }

  due(elapsedMs: number, most: number): Promise<readonly FeedRecord[] | undefined> {
    if (this.#next === undefined) return Promise.resolve(undefined);
    const records: FeedRecord[] = [];
    while (this.#next.dueMs <= elapsedMs && records.length < most) {
      records.push(this.#record(this.#next));
      const next = this.#trades.next();
      this.#next = next.done === true ? undefined : next.value;
      if (this.#next === undefined) break;
    }
    return Promise.resolve(records);
  }

  progress(): undefined {
    return undefined;
  }

  #record(trade: PresetTrade): FeedRecord {
    const timeMs = Math.floor(this.#startMs + trade.dueMs - trade.lateByMs);
    return {
      key: trade.symbol,
      value: this.#text({ ...trade, timeMs }),
      isLate: trade.lateByMs >= LATE_FROM_MS,
    };
  }
}

/** More than any delay of `random`. */
const LATE_FROM_MS = 1_000;

function* randomTrades(random: Random): Generator<PresetTrade> {
  const upTo = (limit: number): number => Math.floor(random.uniform() * limit);
  let dueMs = 0;
  for (let i = 0; ; i++) {
    const symbol = ['AGL', 'AMC', 'ANZ'][upTo(3)];
    const [quantity, priceCents] = [upTo(1_000), upTo(100_000)];
    const delay = random.uniform() * 100;
    const lateByMs = delay < 2 ? Math.floor(delay * 100) : 0;
    dueMs += lateByMs;
    yield { symbol, side: i % 2 === 0 ? 'BUY ' : 'SELL', priceCents, quantity, dueMs, lateByMs };
    dueMs += 1_000;
  }
}

function* lateTrades(): Generator<PresetTrade> {
  for (const [i, [symbol, priceCents, dueMs, lateByMs]] of LATE_TRADES.entries()) {
    yield { symbol, side: i % 2 === 0 ? 'BUY ' : 'SELL', priceCents, quantity: 100, dueMs, lateByMs };
  }
}

const LATE_TRADES: readonly (readonly [string, number, number, number])[] = [
  ['stock1', 7_500, 0, 0],
  ['stock2', 2_000, 1_000, 0],
  ['stock2', 2_000, 2_000, 0],
  ['stock2', 2_000, 10_000, 0],
  ['stock1', 5_000, 13_000, 12_000],
];
