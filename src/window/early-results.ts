import { mergeRow, resetRow } from './accumulator.ts';
import type { Figures } from './figures.ts';
import type { PaneStore } from './pane-store.ts';
import type { ResultColumns } from './results.ts';
import type { TimeWindow } from './time-window.ts';

/**
 * `emit: update`: after a trade, the figures so far of every open window that holds it. The windows overlap around
 * the trade's pane, so their figures are a suffix of the panes up to it and a prefix of the panes after it: two
 * look-ups a pane instead of one per pane and window.
 */
export class EarlyResults {
  readonly #panes: PaneStore;
  readonly #figures: Figures;
  readonly #window: TimeWindow;
  readonly #windowIndex: number;
  /** Row i: the panes after the trade's, i of them. */
  readonly #prefixes: Float64Array;
  readonly #suffix: Float64Array;
  readonly #whole: Float64Array;

  constructor(panes: PaneStore, figures: Figures, window: TimeWindow, windowIndex: number) {
    this.#panes = panes;
    this.#figures = figures;
    this.#window = window;
    this.#windowIndex = windowIndex;
    this.#prefixes = new Float64Array((window.sizeMs / panes.paneMs) * figures.stride);
    this.#suffix = new Float64Array(figures.stride);
    this.#whole = new Float64Array(figures.stride);
  }

  /** Writes the newest window first; those that end at or before the watermark are closed and left out. */
  write(symbolId: number, timeMs: number, watermarkMs: number, results: ResultColumns): void {
    const { sizeMs, slideMs } = this.#window;
    const { paneMs, stride } = this.#panes;
    const tradePane = this.#panes.paneOf(timeMs);
    const lastStartMs = Math.floor(timeMs / slideMs) * slideMs;
    this.#foldAfter(symbolId, tradePane, lastStartMs / paneMs + sizeMs / paneMs);
    resetRow(this.#suffix, 0, stride);
    let suffixPane = tradePane + 1;
    for (let startMs = lastStartMs; startMs + sizeMs > timeMs; startMs -= slideMs) {
      const endMs = startMs + sizeMs;
      if (endMs <= watermarkMs) break;
      while (suffixPane > startMs / paneMs) this.#merge(this.#suffix, 0, --suffixPane, symbolId);
      this.#whole.set(this.#suffix);
      mergeRow(this.#whole, 0, this.#prefixes, (endMs / paneMs - tradePane - 1) * stride, stride);
      this.#figures.write(results, this.#windowIndex, symbolId, startMs, endMs, this.#whole, 0, false);
    }
  }

  #foldAfter(symbolId: number, tradePane: number, endPane: number): void {
    const { stride } = this.#panes;
    resetRow(this.#prefixes, 0, stride);
    for (let pane = tradePane + 1; pane < endPane; pane++) {
      const at = (pane - tradePane) * stride;
      this.#prefixes.copyWithin(at, at - stride, at);
      this.#merge(this.#prefixes, at, pane, symbolId);
    }
  }

  #merge(into: Float64Array, at: number, pane: number, symbolId: number): void {
    const cell = this.#panes.find(pane, symbolId);
    if (cell !== 0) mergeRow(into, at, this.#panes.values, cell * this.#panes.stride, this.#panes.stride);
  }
}
