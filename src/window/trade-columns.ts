/** Trades in columns: row i is one trade. Hot path, hence no object per trade. */
export interface TradeColumns {
  /** Rows in use. */
  readonly length: number;
  /** Ids of symbols are small integers, given out in the order in which symbols first appear. */
  readonly symbolId: Int32Array;
  /** Integer multiples of the pipeline's tick, below 2^50. */
  readonly priceTicks: Float64Array;
  /** Integer multiples of the pipeline's unit of quantity, below 2^50. Read only where quantity is measured. */
  readonly quantityUnits: Float64Array;
  /** Whole milliseconds since the epoch. */
  readonly timeMs: Float64Array;
  /** One more than the highest symbol id so far. */
  readonly symbolCount: number;
}

/** Trades that came after their last window had closed: rows of the batch, and the watermark that they missed. */
export class LateTrades {
  readonly row: number[] = [];
  readonly watermarkMs: number[] = [];

  get length(): number {
    return this.row.length;
  }

  add(row: number, watermarkMs: number): void {
    this.row.push(row);
    this.watermarkMs.push(watermarkMs);
  }

  clear(): void {
    this.row.length = 0;
    this.watermarkMs.length = 0;
  }
}
