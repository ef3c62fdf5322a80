import { PaneIndex } from './pane-index.ts';
import { MAX, MIN } from './accumulator.ts';

/**
 * The open panes: one cell of figures for each symbol that traded in a pane, none for those that did not.
 *
 * Hot path, hence no object per cell: cells are rows of typed arrays, found by (pane, symbol), and each symbol
 * remembers its cell of last time, which nine trades in ten hit again. A cell takes 8 bytes a figure and about 20
 * more: 60 without quantities, 92 with them; arrays grow by doubling, so up to twice that is reserved.
 */
export class PaneStore {
  readonly paneMs: number;
  readonly stride: number;
  /** Figures of all cells, `stride` doubles each; cell 0 is never used. */
  values: Float64Array<ArrayBuffer>;
  /** The ring slot of a cell's pane; -1 for a free cell. */
  slotOf: Int32Array<ArrayBuffer>;
  symbolOf: Int32Array<ArrayBuffer>;
  /** The next cell of the same pane, or of the free list; 0 ends it. */
  next: Int32Array<ArrayBuffer>;
  /** By symbol: its cell of last time, or 0. May be stale only in that it is another pane's. */
  recent = new Int32Array(64);
  /** First and last pane that hold a cell; none where `firstPane > lastPane`. */
  firstPane = Infinity;
  lastPane = -Infinity;

  /** By ring slot: 1 where the pane has changed since `takeChanged`. */
  readonly #changed: Uint8Array;
  readonly #ringMask: number;
  /** By ring slot: the first cell of its pane, or 0. */
  readonly #headOf: Int32Array;
  readonly #index: PaneIndex;
  #used = 1;
  #live = 0;
  #free = 0;

  /** `maxPanes`: how many panes can be open at once, from the oldest to the newest. */
  constructor(paneMs: number, maxPanes: number, stride: number) {
    this.paneMs = paneMs;
    this.stride = stride;
    this.values = new Float64Array(INITIAL_CELLS * stride);
    this.slotOf = new Int32Array(INITIAL_CELLS).fill(-1);
    this.symbolOf = new Int32Array(INITIAL_CELLS);
    this.next = new Int32Array(INITIAL_CELLS);
    const ring = 2 ** Math.ceil(Math.log2(Math.max(2, maxPanes)));
    this.#headOf = new Int32Array(ring);
    this.#index = new PaneIndex(ring);
    this.#changed = new Uint8Array(ring);
    this.#ringMask = ring - 1;
  }

  /** How many panes can be open at once, from the oldest to the newest. */
  get capacity(): number {
    return this.#ringMask + 1;
  }

  /** Cells in use. */
  get size(): number {
    return this.#live;
  }

  /** Bytes of the typed arrays that hold the cells. */
  get bytes(): number {
    const perCell = this.values.byteLength + this.slotOf.byteLength + this.symbolOf.byteLength;
    return (
      perCell + this.next.byteLength + this.#index.bytes + this.recent.byteLength + this.#headOf.byteLength
    );
  }

  /** Ids of symbols below `count` may be used from now on. */
  ensureSymbols(count: number): void {
    if (count <= this.recent.length) return;
    const larger = new Int32Array(Math.max(count, this.recent.length * 2));
    larger.set(this.recent);
    this.recent = larger;
  }

  paneOf(timeMs: number): number {
    return Math.floor(timeMs / this.paneMs);
  }

  /** The ring slot of a pane that is about to change. */
  touch(pane: number): number {
    const slot = pane & this.#ringMask;
    this.#changed[slot] = 1;
    return slot;
  }

  /** The panes that were touched since the last call, in order of time. */
  takeChanged(): number[] {
    const changed: number[] = [];
    for (let pane = this.firstPane; pane <= this.lastPane; pane++) {
      const slot = pane & this.#ringMask;
      if (this.#changed[slot] === 1 && this.#headOf[slot] !== 0) changed.push(pane);
    }
    this.#changed.fill(0);
    return changed;
  }

  /** The first cell of a pane, or 0; the others follow in `next`. */
  head(pane: number): number {
    return this.#holds(pane) ? this.#headOf[pane & this.#ringMask] : 0;
  }

  /** The first pane from `pane` on that holds a cell, or Infinity. */
  paneFrom(pane: number): number {
    for (let at = Math.max(pane, this.firstPane); at <= this.lastPane; at++) {
      if (this.#headOf[at & this.#ringMask] !== 0) return at;
    }
    return Infinity;
  }

  /** The cell of a symbol in a pane, or 0. */
  find(pane: number, symbolId: number): number {
    if (!this.#holds(pane)) return 0;
    return this.#index.find(pane & this.#ringMask, symbolId, this.symbolOf);
  }

  /** The cell of a symbol in a pane, made if need be. It becomes the symbol's recent one. */
  findOrAdd(pane: number, symbolId: number): number {
    const cell = this.find(pane, symbolId) || this.#add(pane, symbolId);
    this.recent[symbolId] = cell;
    return cell;
  }

  /** Frees the oldest panes up to, not including, `pane`. */
  dropBefore(pane: number): void {
    while (this.firstPane < pane && this.firstPane <= this.lastPane) {
      this.#drop(this.firstPane & this.#ringMask);
      this.firstPane++;
    }
    if (this.firstPane > this.lastPane) {
      this.firstPane = Infinity;
      this.lastPane = -Infinity;
    }
  }

  /** Outside this range a pane's slot in the ring is another pane's. */
  #holds(pane: number): boolean {
    return pane >= this.firstPane && pane <= this.lastPane;
  }

  #drop(slot: number): void {
    for (let cell = this.#headOf[slot]; cell !== 0;) {
      const following = this.next[cell];
      const symbolId = this.symbolOf[cell];
      if (this.recent[symbolId] === cell) this.recent[symbolId] = 0;
      this.slotOf[cell] = -1;
      this.next[cell] = this.#free;
      this.#free = cell;
      this.#live--;
      cell = following;
    }
    this.#headOf[slot] = 0;
    this.#index.drop(slot);
  }

  #add(pane: number, symbolId: number): number {
    const cell = this.#take();
    const slot = pane & this.#ringMask;
    const at = cell * this.stride;
    this.values.fill(0, at, at + this.stride);
    this.values[at + MIN] = Infinity;
    this.values[at + MAX] = -Infinity;
    this.slotOf[cell] = slot;
    this.symbolOf[cell] = symbolId;
    this.next[cell] = this.#headOf[slot];
    this.#headOf[slot] = cell;
    this.#index.add(slot, cell, this.symbolOf);
    this.#live++;
    if (pane < this.firstPane) this.firstPane = pane;
    if (pane > this.lastPane) this.lastPane = pane;
    return cell;
  }

  #take(): number {
    if (this.#free !== 0) {
      const cell = this.#free;
      this.#free = this.next[cell];
      return cell;
    }
    if (this.#used === this.slotOf.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const cells = this.slotOf.length * 2;
    const values = new Float64Array(cells * this.stride);
    values.set(this.values);
    this.values = values;
    const slotOf = new Int32Array(cells).fill(-1);
    slotOf.set(this.slotOf);
    this.slotOf = slotOf;
    const symbolOf = new Int32Array(cells);
    symbolOf.set(this.symbolOf);
    this.symbolOf = symbolOf;
    const next = new Int32Array(cells);
    next.set(this.next);
    this.next = next;
  }
}

const INITIAL_CELLS = 256;
