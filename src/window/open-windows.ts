import { EarlyResults } from './early-results.ts';
import type { Figures } from './figures.ts';
import { FoldOnClose } from './fold-on-close.ts';
import type { PaneStore } from './pane-store.ts';
import type { ResultColumns } from './results.ts';
import { SlidingFold } from './sliding-fold.ts';
import { firstEndAfter, lastEndWith, type TimeWindow } from './time-window.ts';
import type { WindowFold } from './window-fold.ts';

export interface OpenWindowsOptions {
  readonly emitUpdates: boolean;
  /** Up to this many panes a window is folded when it closes, above it slides. */
  readonly foldOnClosePanes: number;
  /** Windows that end by then have closed already; -Infinity: none has. */
  readonly watermarkMs: number;
}

/** A window as the pipeline names it, with its position among the pipeline's windows. */
export interface IndexedWindow {
  readonly window: TimeWindow;
  readonly index: number;
}

interface OpenWindow {
  readonly window: TimeWindow;
  readonly fold: WindowFold;
  readonly early: EarlyResults | undefined;
  /** End of the first window that is not closed yet. */
  nextEndMs: number;
}

/** The time windows over one store of panes: which is due next, and what closing it gives. */
export class OpenWindows {
  readonly #panes: PaneStore;
  readonly #open: readonly OpenWindow[];
  #nextEndMs = -Infinity;

  constructor(
    windows: readonly IndexedWindow[],
    panes: PaneStore,
    figures: Figures,
    options: OpenWindowsOptions,
  ) {
    const { emitUpdates, foldOnClosePanes, watermarkMs } = options;
    this.#panes = panes;
    this.#open = windows.map(({ window, index }) => {
      const Fold = window.sizeMs / panes.paneMs <= foldOnClosePanes ? FoldOnClose : SlidingFold;
      return {
        window,
        fold: new Fold(panes, figures, window, index),
        early: emitUpdates ? new EarlyResults(panes, figures, window, index) : undefined,
        nextEndMs: Number.isFinite(watermarkMs) ? firstEndAfter(window, watermarkMs) : -Infinity,
      };
    });
    this.#planNextClose();
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** Bytes of what is carried from window to window. */
  get bytes(): number {
    return this.#open.reduce((sum, { fold }) => sum + fold.bytes, 0);
  }

  /** The watermark at which the next window closes. */
  get nextEndMs(): number {
    return this.#nextEndMs;
  }

  ensureSymbols(count: number): void {
    for (const { fold } of this.#open) fold.ensureSymbols(count);
  }

  /** End of the last window that a trade of this time belongs to. */
  lastEndMs(timeMs: number): number {
    let lastMs = -Infinity;
    for (const { window } of this.#open) lastMs = Math.max(lastMs, lastEndWith(window, timeMs));
    return lastMs;
  }

  /** A trade of a time before the watermark, which is not too late for every window. */
  addLate(timeMs: number, symbolId: number, priceTicks: number, quantityUnits: number): void {
    const pane = this.#panes.paneOf(timeMs);
    for (const { fold } of this.#open) fold.addLate(pane, symbolId, priceTicks, quantityUnits);
  }

  writeEarly(symbolId: number, timeMs: number, watermarkMs: number, results: ResultColumns): void {
    for (const { early } of this.#open) early?.write(symbolId, timeMs, watermarkMs, results);
  }

  /** Closes what ends at or before the watermark, in order of the ends, passing over stretches without trades. */
  closeDue(watermarkMs: number, results: ResultColumns): void {
    const { paneMs } = this.#panes;
    for (let due = this.#nextDue(watermarkMs); due !== undefined; due = this.#nextDue(watermarkMs)) {
      const { window, fold, nextEndMs } = due;
      fold.close((nextEndMs - window.sizeMs) / paneMs, nextEndMs / paneMs, results);
      due.nextEndMs = nextEndMs + window.slideMs;
    }
    for (const open of this.#open) open.nextEndMs = firstEndAfter(open.window, watermarkMs);
    this.#dropClosedPanes(watermarkMs);
    this.#planNextClose();
  }

  #nextDue(watermarkMs: number): OpenWindow | undefined {
    let due: OpenWindow | undefined;
    for (const open of this.#open) {
      this.#skipEmpty(open, watermarkMs);
      if (open.nextEndMs <= watermarkMs && open.nextEndMs < (due?.nextEndMs ?? Infinity)) due = open;
    }
    return due;
  }

  #skipEmpty(open: OpenWindow, watermarkMs: number): void {
    const { paneMs } = this.#panes;
    if (open.nextEndMs > watermarkMs) return;
    const pane = open.fold.nextPane((open.nextEndMs - open.window.sizeMs) / paneMs);
    open.nextEndMs = Math.max(open.nextEndMs, firstEndAfter(open.window, pane * paneMs));
  }

  #dropClosedPanes(watermarkMs: number): void {
    const { paneMs } = this.#panes;
    let pane = this.#panes.firstPane;
    while (pane <= this.#panes.lastPane && this.lastEndMs(pane * paneMs) <= watermarkMs) pane++;
    this.#panes.dropBefore(pane);
  }

  #planNextClose(): void {
    this.#nextEndMs = Math.min(...this.#open.map(({ nextEndMs }) => nextEndMs));
  }
}
