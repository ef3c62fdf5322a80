/** Which figures of a window an output carries, beside its bounds and its symbol. */
export const MEASURES = ['average', 'min', 'max', 'count', 'volume', 'vwap'] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * Results of windows in columns: row i is one symbol in one window. No object per row, for a partition that
 * catches up closes hundreds of thousands of windows a second.
 *
 * Prices and quantities are in the trades' own units, correctly rounded to the nearest double; `volume` and
 * `vwap` are NaN unless the windows measure quantity. `vwap` is NaN where the volume is 0.
 */
export class ResultColumns {
  /** Rows in use. */
  length = 0;
  /** Position of the window in the pipeline's list of windows. */
  windowIndex = new Int32Array(INITIAL_ROWS);
  symbolId = new Int32Array(INITIAL_ROWS);
  /** First millisecond of the window, since the epoch. */
  startMs = new Float64Array(INITIAL_ROWS);
  /** First millisecond after the window. */
  endMs = new Float64Array(INITIAL_ROWS);
  average = new Float64Array(INITIAL_ROWS);
  min = new Float64Array(INITIAL_ROWS);
  max = new Float64Array(INITIAL_ROWS);
  /** Trades in the window. */
  count = new Float64Array(INITIAL_ROWS);
  volume = new Float64Array(INITIAL_ROWS);
  vwap = new Float64Array(INITIAL_ROWS);
  /** 1 where the window is closed and this is its last word; 0 for an early result of `emit: update`. */
  final = new Uint8Array(INITIAL_ROWS);

  clear(): void {
    this.length = 0;
  }

  /** Makes room for one more row and returns its index. */
  addRow(): number {
    if (this.length === this.symbolId.length) this.#grow();
    return this.length++;
  }

  /** Puts rows of one window, from `start` on, into the order in which `rows` names them. */
  reorder(start: number, rows: Float64Array): void {
    const ids = rows.map((row) => this.symbolId[row]);
    this.symbolId.set(ids, start);
    for (const column of [this.average, this.min, this.max, this.count, this.volume, this.vwap]) {
      column.set(
        rows.map((row) => column[row]),
        start,
      );
    }
  }

  #grow(): void {
    const rows = this.symbolId.length * 2;
    this.windowIndex = grownInt(this.windowIndex, rows);
    this.symbolId = grownInt(this.symbolId, rows);
    this.startMs = grown(this.startMs, rows);
    this.endMs = grown(this.endMs, rows);
    this.average = grown(this.average, rows);
    this.min = grown(this.min, rows);
    this.max = grown(this.max, rows);
    this.count = grown(this.count, rows);
    this.volume = grown(this.volume, rows);
    this.vwap = grown(this.vwap, rows);
    const final = new Uint8Array(rows);
    final.set(this.final);
    this.final = final;
  }
}

const INITIAL_ROWS = 1024;

function grown(column: Float64Array<ArrayBuffer>, rows: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(rows);
  larger.set(column);
  return larger;
}

function grownInt(column: Int32Array<ArrayBuffer>, rows: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(rows);
  larger.set(column);
  return larger;
}
