import {
  COUNT,
  MAX,
  MIN,
  PRICE_STRIDE,
  QUANTITY_STRIDE,
  SUM,
  SUM_HIGH,
  TURNOVER,
  TURNOVER_HIGH,
  VOLUME,
  VOLUME_HIGH,
} from './accumulator.ts';
import { ratio } from './exact-ratio.ts';
import type { ResultColumns } from './results.ts';

/** How the integers inside stand for prices and quantities outside. */
export interface Scale {
  /** Ticks per unit of price: 10 to the power of the pipeline's price decimals. */
  readonly ticksPerPrice: number;
  /** Units per share: 10 to the power of the pipeline's quantity decimals. */
  readonly unitsPerShare: number;
  /** Whether volume and VWAP are wanted; without them the rows are shorter and quantities are not looked at. */
  readonly withQuantity: boolean;
}

/** Turns rows of exact integers into results. */
export class Figures {
  readonly stride: number;
  readonly #scale: Scale;

  constructor(scale: Scale) {
    this.#scale = scale;
    this.stride = scale.withQuantity ? QUANTITY_STRIDE : PRICE_STRIDE;
  }

  /** Writes the figures of the row at `at` as one more result; the extremes of the row must be set. */
  write(
    results: ResultColumns,
    windowIndex: number,
    symbolId: number,
    startMs: number,
    endMs: number,
    rows: Float64Array,
    at: number,
    final: boolean,
  ): void {
    const { ticksPerPrice, unitsPerShare, withQuantity } = this.#scale;
    const row = results.addRow();
    results.windowIndex[row] = windowIndex;
    results.symbolId[row] = symbolId;
    results.startMs[row] = startMs;
    results.endMs[row] = endMs;
    results.count[row] = rows[at + COUNT];
    results.average[row] = ratio(rows[at + SUM], rows[at + SUM_HIGH], rows[at + COUNT], 0, ticksPerPrice);
    results.min[row] = rows[at + MIN] / ticksPerPrice;
    results.max[row] = rows[at + MAX] / ticksPerPrice;
    results.volume[row] = withQuantity
      ? ratio(rows[at + VOLUME], rows[at + VOLUME_HIGH], unitsPerShare, 0, 1)
      : NaN;
    results.vwap[row] = withQuantity ? this.#vwap(rows, at) : NaN;
    results.final[row] = final ? 1 : 0;
  }

  #vwap(rows: Float64Array, at: number): number {
    return ratio(
      rows[at + TURNOVER],
      rows[at + TURNOVER_HIGH],
      rows[at + VOLUME],
      rows[at + VOLUME_HIGH],
      this.#scale.ticksPerPrice,
    );
  }
}
