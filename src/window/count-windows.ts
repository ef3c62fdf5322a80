import { addTrade, MAX, MIN, resetRow, subtractSums } from './accumulator.ts';
import type { Figures } from './figures.ts';
import { MonotoneDeques } from './monotone-deques.ts';
import type { ResultColumns } from './results.ts';
import type { CountWindow } from './time-window.ts';

/** The last trades of one symbol, oldest first, and how many there were ever; for a checkpoint. */
export interface CountWindowState {
  readonly symbolId: number;
  readonly seen: number;
  readonly timesMs: Float64Array;
  readonly priceTicks: Float64Array;
  readonly quantityUnits: Float64Array;
}

/**
 * Windows over the last k trades of each symbol, in order of arrival: a result after every `every`-th trade once k
 * trades are there. Order of arrival is the offset's order in a partition, so a replay gives the same windows.
 * Bounds of a result: event times of the oldest and the newest trade in it.
 */
export class CountWindows {
  readonly #window: CountWindow;
  readonly #windowIndex: number;
  readonly #figures: Figures;
  readonly #emitUpdates: boolean;
  readonly #minima = new MonotoneDeques();
  readonly #negatedMaxima = new MonotoneDeques();
  readonly #tails: (Tail | undefined)[] = [];
  readonly #changed = new Set<number>();
  /** Figures of one trade, to take it away again. */
  readonly #leaving: Float64Array;

  constructor(window: CountWindow, windowIndex: number, figures: Figures, emitUpdates: boolean) {
    this.#window = window;
    this.#windowIndex = windowIndex;
    this.#figures = figures;
    this.#emitUpdates = emitUpdates;
    this.#leaving = new Float64Array(figures.stride);
  }

  ensureSymbols(count: number): void {
    this.#minima.ensureSymbols(count);
    this.#negatedMaxima.ensureSymbols(count);
  }

  add(
    symbolId: number,
    timeMs: number,
    priceTicks: number,
    quantityUnits: number,
    results: ResultColumns,
  ): void {
    const tail = this.#tailOf(symbolId);
    this.#changed.add(symbolId);
    this.#push(tail, symbolId, timeMs, priceTicks, quantityUnits);
    const { trades, every } = this.#window;
    const due = tail.seen >= trades && (tail.seen - trades) % every === 0;
    if (due) tail.emittedAt = tail.seen;
    if (due || this.#emitUpdates) this.#write(tail, symbolId, due, results);
  }

  /** The input has ended: trades since a symbol's last result get one more, over as many as there are. */
  closeAll(results: ResultColumns): void {
    for (const [symbolId, tail] of this.#tails.entries()) {
      if (tail === undefined || tail.emittedAt === tail.seen) continue;
      tail.emittedAt = tail.seen;
      this.#write(tail, symbolId, true, results);
    }
  }

  snapshot(): CountWindowState[] {
    return this.#tails.flatMap((tail, symbolId) => (tail === undefined ? [] : [tail.snapshot(symbolId)]));
  }

  /** The symbols that had a trade since the last call. */
  takeChanges(): CountWindowState[] {
    const changed = [...this.#changed].flatMap((symbolId) => this.#tails[symbolId]?.snapshot(symbolId) ?? []);
    this.#changed.clear();
    return changed;
  }

  restore(states: readonly CountWindowState[]): void {
    for (const { symbolId, seen, timesMs, priceTicks, quantityUnits } of states) {
      const tail = this.#tailOf(symbolId);
      tail.seen = seen - timesMs.length;
      for (let i = 0; i < timesMs.length; i++) {
        this.#push(tail, symbolId, timesMs[i], priceTicks[i], quantityUnits[i]);
      }
      tail.emittedAt = lastEmission(this.#window, seen);
    }
  }

  #tailOf(symbolId: number): Tail {
    while (this.#tails.length <= symbolId) this.#tails.push(undefined);
    return (this.#tails[symbolId] ??= new Tail(this.#window.trades, this.#figures.stride));
  }

  #push(tail: Tail, symbolId: number, timeMs: number, priceTicks: number, quantityUnits: number): void {
    const { row } = tail;
    if (tail.length === this.#window.trades) {
      const leaving = this.#leaving;
      leaving.fill(0);
      addTrade(leaving, 0, leaving.length, tail.oldestPrice(), tail.oldestQuantity());
      subtractSums(row, 0, leaving, 0, row.length);
      tail.dropOldest();
      this.#minima.evictBefore(symbolId, tail.seen - tail.length);
      this.#negatedMaxima.evictBefore(symbolId, tail.seen - tail.length);
    }
    addTrade(row, 0, row.length, priceTicks, quantityUnits);
    this.#minima.add(symbolId, tail.seen, priceTicks);
    this.#negatedMaxima.add(symbolId, tail.seen, -priceTicks);
    tail.push(timeMs, priceTicks, quantityUnits);
  }

  #write(tail: Tail, symbolId: number, final: boolean, results: ResultColumns): void {
    tail.row[MIN] = this.#minima.min(symbolId);
    tail.row[MAX] = -this.#negatedMaxima.min(symbolId);
    const { oldestMs, newestMs } = tail;
    this.#figures.write(results, this.#windowIndex, symbolId, oldestMs, newestMs, tail.row, 0, final);
  }
}

/** How many trades a symbol had when its last result was due, of `seen`. */
function lastEmission({ trades, every }: CountWindow, seen: number): number {
  return seen < trades ? 0 : seen - ((seen - trades) % every);
}

/** A ring of the last trades of one symbol; it grows up to k as trades come. */
class Tail {
  /** Trades ever, those in the ring included. */
  seen = 0;
  emittedAt = 0;
  length = 0;
  readonly row: Float64Array;
  readonly #capacity: number;
  #oldest = 0;
  #timesMs = new Float64Array(8);
  #prices = new Float64Array(8);
  #quantities = new Float64Array(8);

  constructor(capacity: number, stride: number) {
    this.#capacity = capacity;
    this.row = new Float64Array(stride);
    resetRow(this.row, 0, stride);
  }

  get oldestMs(): number {
    return this.#timesMs[this.#oldest];
  }

  get newestMs(): number {
    return this.#timesMs[this.#at(this.length - 1)];
  }

  oldestPrice(): number {
    return this.#prices[this.#oldest];
  }

  oldestQuantity(): number {
    return this.#quantities[this.#oldest];
  }

  dropOldest(): void {
    this.#oldest = this.#at(1);
    this.length--;
  }

  push(timeMs: number, price: number, quantity: number): void {
    if (this.length === this.#timesMs.length) this.#grow();
    const at = this.#at(this.length);
    this.#timesMs[at] = timeMs;
    this.#prices[at] = price;
    this.#quantities[at] = quantity;
    this.length++;
    this.seen++;
  }

  snapshot(symbolId: number): CountWindowState {
    return {
      symbolId,
      seen: this.seen,
      timesMs: this.#inOrder(this.#timesMs, this.length),
      priceTicks: this.#inOrder(this.#prices, this.length),
      quantityUnits: this.#inOrder(this.#quantities, this.length),
    };
  }

  #at(index: number): number {
    const at = this.#oldest + index;
    return at < this.#timesMs.length ? at : at - this.#timesMs.length;
  }

  #grow(): void {
    const length = Math.min(this.#capacity, this.#timesMs.length * 2);
    this.#timesMs = this.#inOrder(this.#timesMs, length);
    this.#prices = this.#inOrder(this.#prices, length);
    this.#quantities = this.#inOrder(this.#quantities, length);
    this.#oldest = 0;
  }

  #inOrder(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
    const ordered = new Float64Array(length);
    for (let i = 0; i < this.length; i++) ordered[i] = column[this.#at(i)];
    return ordered;
  }
}
