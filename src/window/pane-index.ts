/**
 * Finds the cell of a symbol in a pane: a small hash table per pane, all in one array. A pane's table is given back
 * whole when the pane is dropped; to unlink its cells one by one from a common table would touch cold memory for
 * each (half the cost of a window of 3,600 panes).
 */
export class PaneIndex {
  /** Tables one after the other; 0 is an empty place, else a cell. */
  #places = new Int32Array(INITIAL_PLACES);
  #used = 0;
  /** By ring slot: where its table begins, the logarithm of its size (0: no table), and cells in it. */
  readonly #begin: Int32Array;
  readonly #bits: Uint8Array;
  readonly #cells: Int32Array;
  /** By logarithm of size: tables that were given back. */
  readonly #free: number[][] = Array.from({ length: 32 }, () => []);

  constructor(slots: number) {
    this.#begin = new Int32Array(slots);
    this.#bits = new Uint8Array(slots);
    this.#cells = new Int32Array(slots);
  }

  get bytes(): number {
    return this.#places.byteLength + this.#begin.byteLength + this.#bits.byteLength + this.#cells.byteLength;
  }

  /** The cell, or 0. `symbolOf` tells the symbol of a cell. */
  find(slot: number, symbolId: number, symbolOf: Int32Array): number {
    const bits = this.#bits[slot];
    if (bits === 0) return 0;
    const begin = this.#begin[slot];
    const mask = (1 << bits) - 1;
    for (let at = home(symbolId, bits); ; at = (at + 1) & mask) {
      const cell = this.#places[begin + at];
      if (cell === 0 || symbolOf[cell] === symbolId) return cell;
    }
  }

  /** Adds a cell that is not there yet. */
  add(slot: number, cell: number, symbolOf: Int32Array): void {
    const bits = this.#bits[slot];
    if (bits === 0) this.#begin[slot] = this.#take((this.#bits[slot] = SMALLEST_BITS));
    else if ((this.#cells[slot] + 1) * 4 > 3 << bits) this.#double(slot, symbolOf);
    this.#insert(slot, cell, symbolOf);
    this.#cells[slot]++;
  }

  /** Forgets all cells of a pane. */
  drop(slot: number): void {
    if (this.#bits[slot] !== 0) this.#free[this.#bits[slot]].push(this.#begin[slot]);
    this.#bits[slot] = 0;
    this.#cells[slot] = 0;
  }

  #insert(slot: number, cell: number, symbolOf: Int32Array): void {
    const bits = this.#bits[slot];
    const begin = this.#begin[slot];
    const mask = (1 << bits) - 1;
    let at = home(symbolOf[cell], bits);
    while (this.#places[begin + at] !== 0) at = (at + 1) & mask;
    this.#places[begin + at] = cell;
  }

  #double(slot: number, symbolOf: Int32Array): void {
    const bits = this.#bits[slot];
    const begin = this.#begin[slot];
    const cells = this.#places.slice(begin, begin + (1 << bits));
    this.#free[bits].push(begin);
    this.#bits[slot] = bits + 1;
    this.#begin[slot] = this.#take(bits + 1);
    for (const cell of cells) if (cell !== 0) this.#insert(slot, cell, symbolOf);
  }

  #take(bits: number): number {
    const size = 1 << bits;
    const free = this.#free[bits].pop();
    if (free !== undefined) {
      this.#places.fill(0, free, free + size);
      return free;
    }
    const begin = this.#used;
    this.#used += size;
    if (this.#used > this.#places.length) {
      const larger = new Int32Array(Math.max(this.#used, this.#places.length * 2));
      larger.set(this.#places);
      this.#places = larger;
    }
    return begin;
  }
}

const INITIAL_PLACES = 1024;
const SMALLEST_BITS = 3;

/** Fibonacci hashing (Knuth, TAOCP 3, 6.4): ids that follow one another fall far apart. */
function home(symbolId: number, bits: number): number {
  return Math.imul(symbolId, 0x9e3779b1) >>> (32 - bits);
}
