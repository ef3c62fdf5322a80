import { addTrade, MAX, MIN, resetRow } from './accumulator.ts';
import type { PaneSnapshot } from './window-snapshot.ts';

/**
 * Panes far ahead of the watermark, which the ring of the pane store has no room for: one partition's trades may be
 * days ahead of another's while a backlog is read. Takes memory for the trades there are and none for the time
 * between them. A pane is either here or in the store, never in both.
 */
export class FarPanes {
  readonly #paneMs: number;
  readonly #stride: number;
  /** By pane, by symbol: a row of figures. */
  readonly #panes = new Map<number, Map<number, Float64Array>>();
  readonly #changed = new Set<number>();
  #fromPane = -Infinity;
  #firstPane = Infinity;
  #size = 0;

  constructor(paneMs: number, stride: number) {
    this.#paneMs = paneMs;
    this.#stride = stride;
  }

  /** Panes from this one on are far; all are, until it is known where the watermark is. */
  get fromPane(): number {
    return this.#fromPane;
  }

  /** Where the first of them begins, or Infinity. */
  get firstMs(): number {
    return this.#firstPane * this.#paneMs;
  }

  /** Symbol and pane pairs. */
  get size(): number {
    return this.#size;
  }

  add(pane: number, symbolId: number, priceTicks: number, quantityUnits: number): void {
    const rows = this.#rowsOf(pane);
    let row = rows.get(symbolId);
    if (row === undefined) {
      row = new Float64Array(this.#stride);
      resetRow(row, 0, this.#stride);
      rows.set(symbolId, row);
      this.#size++;
    }
    addTrade(row, 0, this.#stride, priceTicks, quantityUnits);
    row[MIN] = Math.min(row[MIN], priceTicks);
    row[MAX] = Math.max(row[MAX], priceTicks);
    this.#changed.add(pane);
  }

  /** What was in a snapshot; the pane is not here yet. */
  restore({ startMs, symbolIds, figures }: PaneSnapshot): void {
    const rows = this.#rowsOf(startMs / this.#paneMs);
    for (const [i, symbolId] of symbolIds.entries()) {
      rows.set(symbolId, figures.slice(i * this.#stride, (i + 1) * this.#stride));
      this.#size++;
    }
  }

  /** Panes before this one are near from now on: gives away those that are here. */
  takeBefore(pane: number): PaneSnapshot[] {
    if (pane <= this.#fromPane) return [];
    this.#fromPane = pane;
    if (this.#firstPane >= pane) return [];
    const near = [...this.#panes.keys()].filter((each) => each < pane).sort((a, b) => a - b);
    const taken = near.map((each) => this.#snapshot(each));
    for (const each of near) {
      this.#size -= this.#panes.get(each)?.size ?? 0;
      this.#panes.delete(each);
      this.#changed.delete(each);
    }
    this.#firstPane = Math.min(Infinity, ...this.#panes.keys());
    return taken;
  }

  /** In order of time. */
  snapshots(): PaneSnapshot[] {
    return [...this.#panes.keys()].sort((a, b) => a - b).map((pane) => this.#snapshot(pane));
  }

  /** What has changed since the last call. */
  takeChanges(): PaneSnapshot[] {
    const changed = [...this.#changed].sort((a, b) => a - b).map((pane) => this.#snapshot(pane));
    this.#changed.clear();
    return changed;
  }

  #rowsOf(pane: number): Map<number, Float64Array> {
    let rows = this.#panes.get(pane);
    if (rows === undefined) {
      rows = new Map();
      this.#panes.set(pane, rows);
      this.#firstPane = Math.min(this.#firstPane, pane);
    }
    return rows;
  }

  #snapshot(pane: number): PaneSnapshot {
    const rows = this.#panes.get(pane) ?? new Map<number, Float64Array>();
    const figures = new Float64Array(rows.size * this.#stride);
    for (const [i, row] of [...rows.values()].entries()) figures.set(row, i * this.#stride);
    return { startMs: pane * this.#paneMs, symbolIds: Int32Array.from(rows.keys()), figures };
  }
}
