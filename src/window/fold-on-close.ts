import { mergeRow } from './accumulator.ts';
import type { Figures } from './figures.ts';
import type { PaneStore } from './pane-store.ts';
import type { ResultColumns } from './results.ts';
import { SymbolRows } from './symbol-rows.ts';
import type { TimeWindow } from './time-window.ts';
import type { WindowFold } from './window-fold.ts';

/**
 * Folds a window's panes when it closes and keeps nothing in between. Cheapest while a window has few panes: its
 * cost for a pane is the number of windows that the pane is in.
 */
export class FoldOnClose implements WindowFold {
  readonly #panes: PaneStore;
  readonly #figures: Figures;
  readonly #window: TimeWindow;
  readonly #windowIndex: number;
  readonly #rows: SymbolRows;

  constructor(panes: PaneStore, figures: Figures, window: TimeWindow, windowIndex: number) {
    this.#panes = panes;
    this.#figures = figures;
    this.#window = window;
    this.#windowIndex = windowIndex;
    this.#rows = new SymbolRows(figures.stride);
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  ensureSymbols(count: number): void {
    this.#rows.ensureSymbols(count);
  }

  nextPane(fromPane: number): number {
    return this.#panes.paneFrom(fromPane);
  }

  close(firstPane: number, endPane: number, results: ResultColumns): void {
    const rows = this.#rows;
    const { stride, paneMs } = this.#panes;
    for (let pane = this.#panes.paneFrom(firstPane); pane < endPane; pane++) {
      for (let cell = this.#panes.head(pane); cell !== 0; cell = this.#panes.next[cell]) {
        const at = rows.activate(this.#panes.symbolOf[cell]);
        mergeRow(rows.values, at, this.#panes.values, cell * stride, stride);
      }
    }
    const endMs = endPane * paneMs;
    for (let i = 0; i < rows.activeCount; i++) {
      const symbolId = rows.active[i];
      const at = symbolId * stride;
      const startMs = endMs - this.#window.sizeMs;
      this.#figures.write(results, this.#windowIndex, symbolId, startMs, endMs, rows.values, at, true);
    }
    rows.clear();
  }

  addLate(): void {
    // The panes are read when the window closes; there is nothing to bring up to date.
  }
}
