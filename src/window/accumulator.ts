/**
 * The figures of a pane, a window or a running sum lie in a row of a Float64Array. Prices are integer ticks and
 * quantities integer units, so that adding and taking away again are exact, in any order.
 *
 * A sum is two limbs, `low + high * LIMB` with 0 <= low < LIMB: a double alone holds integers up to 2^53, and an
 * hour of turnover of one busy symbol is more. Exact up to 2^105.
 */
export const COUNT = 0;
export const SUM = 1;
export const SUM_HIGH = 2;
export const MIN = 3;
export const MAX = 4;
/** Length of a row without quantities. */
export const PRICE_STRIDE = 5;
export const VOLUME = 5;
export const VOLUME_HIGH = 6;
/** Sum of price times quantity, for the VWAP. */
export const TURNOVER = 7;
export const TURNOVER_HIGH = 8;
/** Length of a row with quantities. */
export const QUANTITY_STRIDE = 9;

export const LIMB = 2 ** 52;
/** Ticks and units are below this, so that a limb and one more of them never exceed 2^53. */
export const MAX_UNITS = 2 ** 50;

/** Rows begin empty: with extremes that any price replaces. */
export function resetRow(rows: Float64Array, at: number, stride: number): void {
  rows.fill(0, at, at + stride);
  rows[at + MIN] = Infinity;
  rows[at + MAX] = -Infinity;
}

/** Adds one trade to the sums and the count of a row, not to its extremes. */
export function addTrade(
  rows: Float64Array,
  at: number,
  stride: number,
  priceTicks: number,
  quantityUnits: number,
): void {
  rows[at + COUNT]++;
  addLimbs(rows, at + SUM, priceTicks, 0);
  if (stride === QUANTITY_STRIDE) {
    addLimbs(rows, at + VOLUME, quantityUnits, 0);
    addTurnover(rows, at, priceTicks, quantityUnits);
  }
}

/** Adds `priceTicks * quantityUnits` to a turnover. */
export function addTurnover(rows: Float64Array, at: number, priceTicks: number, quantityUnits: number): void {
  const product = priceTicks * quantityUnits;
  if (product < LIMB) {
    addLimbs(rows, at + TURNOVER, product, 0);
    return;
  }
  const exact = BigInt(priceTicks) * BigInt(quantityUnits);
  addLimbs(rows, at + TURNOVER, Number(exact & LIMB_MASK), Number(exact >> LIMB_BITS));
}

/** Adds a two-limb number to the one at `at`. */
export function addLimbs(rows: Float64Array, at: number, low: number, high: number): void {
  const sum = rows[at] + low;
  if (sum >= LIMB) {
    rows[at] = sum - LIMB;
    rows[at + 1] += high + 1;
  } else {
    rows[at] = sum;
    rows[at + 1] += high;
  }
}

/** Adds the sums and the count of one row to another; extremes are merged too. */
export function mergeRow(
  into: Float64Array,
  intoAt: number,
  from: Float64Array,
  fromAt: number,
  stride: number,
): void {
  addSums(into, intoAt, from, fromAt, stride);
  if (from[fromAt + MIN] < into[intoAt + MIN]) into[intoAt + MIN] = from[fromAt + MIN];
  if (from[fromAt + MAX] > into[intoAt + MAX]) into[intoAt + MAX] = from[fromAt + MAX];
}

/** Adds the sums and the count of one row to another, not its extremes. */
export function addSums(
  into: Float64Array,
  intoAt: number,
  from: Float64Array,
  fromAt: number,
  stride: number,
): void {
  into[intoAt + COUNT] += from[fromAt + COUNT];
  addLimbs(into, intoAt + SUM, from[fromAt + SUM], from[fromAt + SUM_HIGH]);
  if (stride === QUANTITY_STRIDE) {
    addLimbs(into, intoAt + VOLUME, from[fromAt + VOLUME], from[fromAt + VOLUME_HIGH]);
    addLimbs(into, intoAt + TURNOVER, from[fromAt + TURNOVER], from[fromAt + TURNOVER_HIGH]);
  }
}

/** Takes the sums and the count of one row from another: the inverse of `addSums`. */
export function subtractSums(
  into: Float64Array,
  intoAt: number,
  from: Float64Array,
  fromAt: number,
  stride: number,
): void {
  into[intoAt + COUNT] -= from[fromAt + COUNT];
  subtractLimbs(into, intoAt + SUM, from[fromAt + SUM], from[fromAt + SUM_HIGH]);
  if (stride === QUANTITY_STRIDE) {
    subtractLimbs(into, intoAt + VOLUME, from[fromAt + VOLUME], from[fromAt + VOLUME_HIGH]);
    subtractLimbs(into, intoAt + TURNOVER, from[fromAt + TURNOVER], from[fromAt + TURNOVER_HIGH]);
  }
}

function subtractLimbs(rows: Float64Array, at: number, low: number, high: number): void {
  const difference = rows[at] - low;
  if (difference < 0) {
    rows[at] = difference + LIMB;
    rows[at + 1] -= high + 1;
  } else {
    rows[at] = difference;
    rows[at + 1] -= high;
  }
}

const LIMB_BITS = 52n;
const LIMB_MASK = (1n << LIMB_BITS) - 1n;
