import type { Rejection } from './rejection.ts';

/**
 * Decoded trades in columns, and the records that were none. Hot path, hence no object per trade; the columns are
 * reused from batch to batch and grow to the largest one.
 */
export class TradeBatch {
  /** Rows in use. */
  length = 0;
  symbolId = new Int32Array(INITIAL_ROWS);
  /** Integer multiples of the pipeline's tick. */
  priceTicks = new Float64Array(INITIAL_ROWS);
  /** Integer multiples of the pipeline's unit of quantity; 0 where quantity is not measured. */
  quantityUnits = new Float64Array(INITIAL_ROWS);
  /** Milliseconds since the epoch. */
  timeMs = new Float64Array(INITIAL_ROWS);
  /** Where the record lies in the decoded bytes, `[start, end)`: a late trade is put out as it came. */
  recordStart = new Int32Array(INITIAL_ROWS);
  recordEnd = new Int32Array(INITIAL_ROWS);
  /** One more than the highest symbol id so far. */
  symbolCount = 0;
  readonly rejections: Rejection[] = [];
  /** Which rows are elements of Avro arrays, in their order; an element is no message without what is around it. */
  readonly arrays: ArrayPlace[] = [];
  /** The schema without which a record could not be decoded; -1 where none was missing. Nothing of the record is here. */
  schemaNeeded = -1;

  clear(): void {
    this.length = 0;
    this.schemaNeeded = -1;
    this.rejections.length = 0;
    this.arrays.length = 0;
  }

  add(
    symbolId: number,
    priceTicks: number,
    quantityUnits: number,
    timeMs: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    if (this.length === this.symbolId.length) this.#grow();
    const row = this.length++;
    this.symbolId[row] = symbolId;
    this.priceTicks[row] = priceTicks;
    this.quantityUnits[row] = quantityUnits;
    this.timeMs[row] = timeMs;
    this.recordStart[row] = recordStart;
    this.recordEnd[row] = recordEnd;
    if (symbolId >= this.symbolCount) this.symbolCount = symbolId + 1;
  }

  /** So many rows can be added without a look at the room for them. */
  reserve(rows: number): void {
    while (this.length + rows > this.symbolId.length) this.#grow();
  }

  #grow(): void {
    const rows = this.symbolId.length * 2;
    this.symbolId = copiedInto(new Int32Array(rows), this.symbolId);
    this.priceTicks = copiedInto(new Float64Array(rows), this.priceTicks);
    this.quantityUnits = copiedInto(new Float64Array(rows), this.quantityUnits);
    this.timeMs = copiedInto(new Float64Array(rows), this.timeMs);
    this.recordStart = copiedInto(new Int32Array(rows), this.recordStart);
    this.recordEnd = copiedInto(new Int32Array(rows), this.recordEnd);
  }
}

/** The rows `[row, rowEnd)` are elements of one Avro array, whose blocks `[start, blocksStart)` of the bytes precedes. */
export interface ArrayPlace {
  readonly row: number;
  readonly rowEnd: number;
  readonly start: number;
  readonly blocksStart: number;
}

const INITIAL_ROWS = 4096;

function copiedInto<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(larger: T, column: T): T {
  larger.set(column);
  return larger;
}
