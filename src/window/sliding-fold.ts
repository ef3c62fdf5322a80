import { addSums, addTrade, MAX, MIN, subtractSums } from './accumulator.ts';
import type { Figures } from './figures.ts';
import { MonotoneDeques } from './monotone-deques.ts';
import type { PaneStore } from './pane-store.ts';
import type { ResultColumns } from './results.ts';
import { SymbolRows } from './symbol-rows.ts';
import type { TimeWindow } from './time-window.ts';
import type { WindowFold } from './window-fold.ts';

/**
 * Carries every symbol's figures from window to window: panes that enter are added, panes that leave are taken
 * away again, which is exact because the sums are integers; the extremes come from monotone queues. A pane costs
 * the same whatever the ratio of size to slide.
 */
export class SlidingFold implements WindowFold {
  readonly #panes: PaneStore;
  readonly #figures: Figures;
  readonly #window: TimeWindow;
  readonly #windowIndex: number;
  readonly #rows: SymbolRows;
  readonly #minima = new MonotoneDeques();
  readonly #negatedMaxima = new MonotoneDeques();
  readonly #slidePanes: number;
  /** The cells of the panes `[#from, #to)` are in the rows. */
  #from = -Infinity;
  #to = -Infinity;

  constructor(panes: PaneStore, figures: Figures, window: TimeWindow, windowIndex: number) {
    this.#panes = panes;
    this.#figures = figures;
    this.#window = window;
    this.#windowIndex = windowIndex;
    this.#rows = new SymbolRows(figures.stride);
    this.#slidePanes = window.slideMs / panes.paneMs;
  }

  get bytes(): number {
    return this.#rows.bytes + this.#minima.bytes + this.#negatedMaxima.bytes;
  }

  ensureSymbols(count: number): void {
    this.#rows.ensureSymbols(count);
    this.#minima.ensureSymbols(count);
    this.#negatedMaxima.ensureSymbols(count);
  }

  nextPane(fromPane: number): number {
    return this.#rows.activeCount > 0 ? fromPane : this.#panes.paneFrom(fromPane);
  }

  close(firstPane: number, endPane: number, results: ResultColumns): void {
    if (this.#rows.activeCount === 0) {
      this.#from = firstPane;
      this.#to = firstPane;
    }
    this.#takeIn(endPane);
    this.#writeAll(endPane, results);
    this.#letGo(firstPane + this.#slidePanes);
  }

  addLate(pane: number, symbolId: number, priceTicks: number, quantityUnits: number): void {
    const rows = this.#rows;
    // With no row active nothing is taken in: the next close reads the panes anew.
    if (rows.activeCount === 0 || pane < this.#from || pane >= this.#to) return;
    addTrade(rows.values, rows.activate(symbolId), rows.stride, priceTicks, quantityUnits);
    this.#minima.add(symbolId, pane, priceTicks);
    this.#negatedMaxima.add(symbolId, pane, -priceTicks);
  }

  #takeIn(endPane: number): void {
    const { stride } = this.#panes;
    for (let pane = this.#panes.paneFrom(this.#to); pane < endPane; pane++) {
      for (let cell = this.#panes.head(pane); cell !== 0; cell = this.#panes.next[cell]) {
        const symbolId = this.#panes.symbolOf[cell];
        const at = cell * stride;
        addSums(this.#rows.values, this.#rows.activate(symbolId), this.#panes.values, at, stride);
        this.#minima.add(symbolId, pane, this.#panes.values[at + MIN]);
        this.#negatedMaxima.add(symbolId, pane, -this.#panes.values[at + MAX]);
      }
    }
    this.#to = endPane;
  }

  #letGo(fromPane: number): void {
    const { stride } = this.#panes;
    const until = Math.min(fromPane, this.#to);
    for (let pane = this.#panes.paneFrom(this.#from); pane < until; pane++) {
      for (let cell = this.#panes.head(pane); cell !== 0; cell = this.#panes.next[cell]) {
        const symbolId = this.#panes.symbolOf[cell];
        subtractSums(this.#rows.values, symbolId * stride, this.#panes.values, cell * stride, stride);
        this.#minima.evictBefore(symbolId, fromPane);
        this.#negatedMaxima.evictBefore(symbolId, fromPane);
        this.#rows.deactivateIfEmpty(symbolId);
      }
    }
    this.#from = fromPane;
    this.#to = Math.max(this.#to, fromPane);
  }

  #writeAll(endPane: number, results: ResultColumns): void {
    const { values, active, activeCount, stride } = this.#rows;
    const endMs = endPane * this.#panes.paneMs;
    const startMs = endMs - this.#window.sizeMs;
    for (let i = 0; i < activeCount; i++) {
      const symbolId = active[i];
      const at = symbolId * stride;
      values[at + MIN] = this.#minima.min(symbolId);
      values[at + MAX] = -this.#negatedMaxima.min(symbolId);
      this.#figures.write(results, this.#windowIndex, symbolId, startMs, endMs, values, at, true);
    }
  }
}
