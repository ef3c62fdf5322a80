import type { ResultColumns } from './results.ts';

/**
 * How one time window makes its results from the panes. Windows close in order of their ends; in between, trades
 * go to the panes, and `addLate` tells of those that fall into panes at or before the last window's end.
 */
export interface WindowFold {
  readonly bytes: number;
  ensureSymbols(count: number): void;
  /** The first pane that a window not yet closed can begin to have results from; `fromPane` is its first. */
  nextPane(fromPane: number): number;
  /** Closes the window over the panes `[firstPane, endPane)`: a result per symbol that traded in it. */
  close(firstPane: number, endPane: number, results: ResultColumns): void;
  /** A trade joined a pane that may be taken in already. */
  addLate(pane: number, symbolId: number, priceTicks: number, quantityUnits: number): void;
}
