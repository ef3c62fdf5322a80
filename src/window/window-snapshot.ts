import type { CountWindowState } from './count-windows.ts';
import type { PaneStore } from './pane-store.ts';

/** Everything that an operator must know to go on where another one stopped. */
export interface WindowSnapshot {
  readonly watermarkMs: number;
  readonly panes: readonly PaneSnapshot[];
  /** One list per count window, in the order of the pipeline's windows. */
  readonly countWindows: readonly (readonly CountWindowState[])[];
}

/** One pane: a row of figures (see accumulator.ts) for each symbol that traded in it. */
export interface PaneSnapshot {
  readonly startMs: number;
  readonly symbolIds: Int32Array;
  readonly figures: Float64Array;
}

/** Every pane that is held, in order of time. */
export function snapshotPanes(panes: PaneStore): PaneSnapshot[] {
  const snapshots: PaneSnapshot[] = [];
  const { firstPane, lastPane } = panes;
  for (let pane = panes.paneFrom(firstPane); pane <= lastPane; pane = panes.paneFrom(pane + 1)) {
    snapshots.push(snapshotPane(panes, pane));
  }
  return snapshots;
}

export function snapshotPane(panes: PaneStore, pane: number): PaneSnapshot {
  const { paneMs, stride, values, symbolOf, next } = panes;
  const cells: number[] = [];
  for (let cell = panes.head(pane); cell !== 0; cell = next[cell]) cells.push(cell);
  const figures = new Float64Array(cells.length * stride);
  for (const [i, cell] of cells.entries()) {
    figures.set(values.subarray(cell * stride, (cell + 1) * stride), i * stride);
  }
  return { startMs: pane * paneMs, symbolIds: Int32Array.from(cells, (cell) => symbolOf[cell]), figures };
}

/** The symbols are known to the store already. */
export function restorePane(panes: PaneStore, { startMs, symbolIds, figures }: PaneSnapshot): void {
  const { stride } = panes;
  for (const [i, symbolId] of symbolIds.entries()) {
    const cell = panes.findOrAdd(panes.paneOf(startMs), symbolId);
    panes.values.set(figures.subarray(i * stride, (i + 1) * stride), cell * stride);
  }
}
