import { COUNT, resetRow } from './accumulator.ts';

/** One row of figures per symbol, and the list of the symbols whose row is not empty. */
export class SymbolRows {
  readonly stride: number;
  values: Float64Array<ArrayBuffer>;
  /** The first `activeCount` entries: ids of symbols in use, in no order. */
  active = new Int32Array(64);
  activeCount = 0;
  /** By symbol: its place in `active`, or -1. */
  #place = new Int32Array(64).fill(-1);

  constructor(stride: number) {
    this.stride = stride;
    this.values = new Float64Array(64 * stride);
  }

  get bytes(): number {
    return this.values.byteLength + this.active.byteLength + this.#place.byteLength;
  }

  ensureSymbols(count: number): void {
    if (count <= this.active.length) return;
    const length = Math.max(count, this.active.length * 2);
    const values = new Float64Array(length * this.stride);
    values.set(this.values);
    this.values = values;
    const active = new Int32Array(length);
    active.set(this.active);
    this.active = active;
    const place = new Int32Array(length).fill(-1);
    place.set(this.#place);
    this.#place = place;
  }

  /** Where the symbol's row begins; an empty row is reset and joins the active ones. */
  activate(symbolId: number): number {
    const at = symbolId * this.stride;
    if (this.#place[symbolId] === -1) {
      resetRow(this.values, at, this.stride);
      this.#place[symbolId] = this.activeCount;
      this.active[this.activeCount++] = symbolId;
    }
    return at;
  }

  /** A row that counts no trade any more leaves the active ones. */
  deactivateIfEmpty(symbolId: number): void {
    const place = this.#place[symbolId];
    if (place === -1 || this.values[symbolId * this.stride + COUNT] !== 0) return;
    const last = this.active[--this.activeCount];
    this.active[place] = last;
    this.#place[last] = place;
    this.#place[symbolId] = -1;
  }

  clear(): void {
    for (let i = 0; i < this.activeCount; i++) this.#place[this.active[i]] = -1;
    this.activeCount = 0;
  }
}
