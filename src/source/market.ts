import { Random } from './random.ts';

/** Entries of the tables that stand in for the costly distributions; a power of two, drawn from by random bits. */
const TABLE = 4096;
/** Prices come back to where they started within hours, so that a demo that runs for weeks stays a market. */
const PULL_PER_S = 1 / 3600;
/** A symbol that did not trade for longer moves as after this time. */
const LONGEST_STEP_S = 600;
const LOWEST_PRICE = 1;

/**
 * Prices and quantities of trades that look like a market's. A price is a geometric random walk in continuous time
 * with the symbol's own volatility, drift and a weak pull to its opening price; buys happen at the ask and sells at
 * the bid (Roll, 1984), on ticks of 0.01. A few symbols have most of the trades (Zipf's law with exponent 1).
 *
 * Hot path: the last trade drawn is in the fields, for an object per trade would cost more than the draw.
 */
export class Market {
  symbol = 0;
  isBuy = false;
  priceTicks = 0;
  quantity = 0;

  readonly #random: Random;
  readonly #logSymbols: number;
  readonly #last: number;
  readonly #normals = new Float64Array(TABLE);
  readonly #quantities = new Int32Array(TABLE);
  readonly #startMs: number;
  /** A row of `ROW` numbers per symbol: a trade touches one cache line, which is what counts with many symbols. */
  readonly #state: Float64Array;

  constructor(symbols: number, startMs: number, random: Random) {
    this.#random = random;
    this.#logSymbols = Math.log(symbols + 1);
    this.#last = symbols - 1;
    this.#startMs = startMs;
    this.#state = new Float64Array(symbols * ROW);
    fillNormals(this.#normals, random);
    fillQuantities(this.#quantities, random);
  }

  /** Draws the next trade, at `atMs`. */
  trade(atMs: number): void {
    const random = this.#random;
    // log-uniform over [1, symbols + 1), rounded down, is Zipf's law but for the rounding
    const rank = Math.exp(random.uniform() * this.#logSymbols) | 0;
    const symbol = rank > this.#last ? this.#last : rank - 1;
    const bits = random.uint32();
    const price = this.#walk(symbol, atMs, this.#normals[bits & (TABLE - 1)]);
    const midTicks = price * 100;
    const halfSpread = midTicks * HALF_SPREAD + 0.5;
    this.symbol = symbol;
    this.isBuy = bits < 0x8000_0000;
    this.quantity = this.#quantities[(bits >>> 12) & (TABLE - 1)];
    this.priceTicks = this.isBuy ? Math.ceil(midTicks + halfSpread) : Math.floor(midTicks - halfSpread);
  }

  #walk(symbol: number, atMs: number, normal: number): number {
    const state = this.#state;
    const row = symbol * ROW;
    if (state[row + PRICE] === 0) this.#open(row);
    const price = state[row + PRICE];
    const stepS = Math.min(Math.max(0, atMs - state[row + TRADED_AT_MS]) / 1000, LONGEST_STEP_S);
    const drift = state[row + DRIFT] + (state[row + OPENING] / price - 1) * PULL_PER_S;
    const move = drift * stepS + state[row + VOLATILITY] * Math.sqrt(stepS) * normal;
    const next = Math.max(LOWEST_PRICE, price * (1 + move));
    state[row + TRADED_AT_MS] = atMs;
    state[row + PRICE] = next;
    return next;
  }

  /** Draws what is the symbol's own, at its first trade: a million of them at the start would be waited for. */
  #open(row: number): void {
    const state = this.#state;
    const random = this.#random;
    const opening = Math.max(4, Math.exp(4.4 + 0.8 * random.normal()));
    state[row + PRICE] = opening;
    state[row + OPENING] = opening;
    state[row + TRADED_AT_MS] = this.#startMs;
    state[row + VOLATILITY] = 0.0003 + 0.0009 * random.uniform();
    state[row + DRIFT] = 0.00002 * (random.uniform() - 0.5);
  }
}

// The columns of a row: the price and what it started from, and per second: volatility (per root), drift.
const PRICE = 0;
const OPENING = 1;
const TRADED_AT_MS = 2;
const VOLATILITY = 3;
const DRIFT = 4;
const ROW = 8;

/** One basis point, beside half a tick. */
const HALF_SPREAD = 0.0001;

function fillNormals(normals: Float64Array, random: Random): void {
  let sum = 0;
  for (let i = 0; i < normals.length; i++) sum += normals[i] = random.normal();
  const mean = sum / normals.length;
  for (let i = 0; i < normals.length; i++) normals[i] -= mean; // the walk must have no drift but the symbol's
}

/** Log-normal around 150 shares; six trades in seven are round lots of 100. */
function fillQuantities(quantities: Int32Array, random: Random): void {
  for (let i = 0; i < quantities.length; i++) {
    const shares = Math.exp(5 + random.normal());
    const isRound = random.uniform() < 6 / 7;
    quantities[i] = isRound ? Math.max(1, Math.round(shares / 100)) * 100 : Math.max(1, Math.round(shares));
  }
}
