import { addTurnover, COUNT, LIMB, MAX, MIN, SUM, SUM_HIGH, VOLUME, VOLUME_HIGH } from './accumulator.ts';
import { CountWindows } from './count-windows.ts';
import { FarPanes } from './far-panes.ts';
import { Figures, type Scale } from './figures.ts';
import { OpenWindows } from './open-windows.ts';
import { PaneStore } from './pane-store.ts';
import type { ResultColumns } from './results.ts';
import { paneMsOf, type Window } from './time-window.ts';
import type { LateTrades, TradeColumns } from './trade-columns.ts';
import { Watermark } from './watermark.ts';
import {
  restorePane,
  snapshotPane,
  snapshotPanes,
  type PaneSnapshot,
  type WindowSnapshot,
} from './window-snapshot.ts';

export interface WindowOptions {
  readonly windows: readonly Window[];
  /** How long a window waits for trades that are out of order. */
  readonly delayMs: number;
  /** `final`: one result when a window closes. `update`: one after each trade too. */
  readonly emit: 'final' | 'update';
  readonly scale: Scale;
  /**
   * What moves the watermark: the trades themselves, or `advance` alone, where they come from several partitions whose
   * watermarks differ. `trades` if left out.
   */
  readonly watermark?: 'trades' | 'told';
  /** Up to this many panes a window is folded when it closes, above it slides; for the bench that found the default. */
  readonly foldOnClosePanes?: number;
}

/**
 * Moving averages of one partition's trades: folds trades into panes and closes windows as the watermark passes
 * their ends. Pure: the same trades in the same order give the same results, however they are cut into batches.
 */
export class WindowOperator {
  readonly #watermark: Watermark;
  readonly #panes: PaneStore;
  /** Undefined where the watermark follows the trades: no pane is far then. */
  readonly #far: FarPanes | undefined;
  readonly #longestMs: number;
  readonly #figures: Figures;
  readonly #withQuantity: boolean;
  readonly #emitUpdates: boolean;
  readonly #open: OpenWindows;
  readonly #countWindows: CountWindows[];

  constructor(options: WindowOptions, watermarkMs = Number.NEGATIVE_INFINITY) {
    const { windows, delayMs, emit, scale } = options;
    const timeWindows = windows.flatMap((window, index) =>
      window.kind === 'time' ? [{ window, index }] : [],
    );
    const paneMs = Math.max(1, paneMsOf(timeWindows.map(({ window }) => window)));
    const longestMs = Math.max(0, ...timeWindows.map(({ window }) => window.sizeMs));
    const isTold = options.watermark === 'told';
    this.#watermark = new Watermark(delayMs, watermarkMs, !isTold);
    this.#longestMs = longestMs;
    this.#figures = new Figures(scale);
    this.#withQuantity = scale.withQuantity;
    this.#emitUpdates = emit === 'update';
    const panes = Math.ceil((delayMs + longestMs) / paneMs) + 3;
    this.#panes = new PaneStore(paneMs, isTold ? Math.max(panes, NEAR_PANES) : panes, this.#figures.stride);
    this.#far = isTold ? new FarPanes(paneMs, this.#figures.stride) : undefined;
    this.#reachFrom(watermarkMs);
    this.#open = new OpenWindows(timeWindows, this.#panes, this.#figures, {
      emitUpdates: this.#emitUpdates,
      foldOnClosePanes: options.foldOnClosePanes ?? FOLD_ON_CLOSE_PANES,
      watermarkMs,
    });
    this.#countWindows = windows.flatMap((window, index) =>
      window.kind === 'count' ? [new CountWindows(window, index, this.#figures, this.#emitUpdates)] : [],
    );
  }

  get watermarkMs(): number {
    return this.#watermark.atMs;
  }

  /** Symbol and pane pairs that are held. */
  get cells(): number {
    return this.#panes.size + (this.#far?.size ?? 0);
  }

  /** Bytes of all state of time windows. */
  get bytes(): number {
    return this.#panes.bytes + this.#open.bytes;
  }

  /**
   * Takes the rows `[from, to)` of a batch. Windows that close on the way are added to `results`, in order of
   * their ends; trades that are late for all time windows to `late`.
   */
  fold(trades: TradeColumns, from: number, to: number, results: ResultColumns, late: LateTrades): void {
    this.#ensureSymbols(trades.symbolCount);
    if (!this.#open.isEmpty) this.#foldIntoPanes(trades, from, to, results, late);
    else this.#foldIntoCountWindows(trades, from, to, results);
  }

  /** Nothing is left to read and no trade has come for `silentMs`. */
  idle(silentMs: number, results: ResultColumns): void {
    if (this.#watermark.idle(silentMs)) this.#open.closeDue(this.#watermark.atMs, results);
  }

  /** Where the watermark is told: no trade before `watermarkMs` will come any more. It never falls. */
  advance(watermarkMs: number, results: ResultColumns): void {
    if (!this.#watermark.end(watermarkMs)) return;
    // Windows that end before the first far pane hold none of it; once they are closed it is near.
    while (this.#far !== undefined && this.#far.firstMs < watermarkMs) {
      this.#open.closeDue(this.#far.firstMs, results);
      this.#reachFrom(this.#far.firstMs);
    }
    this.#open.closeDue(watermarkMs, results);
    this.#reachFrom(watermarkMs);
  }

  /** The input has ended: closes every window. */
  closeAll(results: ResultColumns): void {
    if (this.#panes.size > 0) {
      const lastMs = this.#panes.lastPane * this.#panes.paneMs;
      this.#watermark.end(this.#open.lastEndMs(lastMs));
      this.#open.closeDue(this.#watermark.atMs, results);
    }
    for (const countWindows of this.#countWindows) countWindows.closeAll(results);
  }

  snapshot(): WindowSnapshot {
    return {
      watermarkMs: this.#watermark.atMs,
      panes: [...snapshotPanes(this.#panes), ...(this.#far?.snapshots() ?? [])],
      countWindows: this.#countWindows.map((countWindows) => countWindows.snapshot()),
    };
  }

  /** What has changed since the last call, whole panes of it: for checkpoints that send only that. */
  takeChanges(): WindowSnapshot {
    return {
      watermarkMs: this.#watermark.atMs,
      panes: [
        ...this.#panes.takeChanged().map((pane) => snapshotPane(this.#panes, pane)),
        ...(this.#far?.takeChanges() ?? []),
      ],
      countWindows: this.#countWindows.map((countWindows) => countWindows.takeChanges()),
    };
  }

  /** Where the first pane that is still held begins, or Infinity. */
  get firstPaneMs(): number {
    return Math.min(this.#panes.firstPane * this.#panes.paneMs, this.#far?.firstMs ?? Infinity);
  }

  /** Whether every time window with a trade of this time has closed. */
  isClosed(timeMs: number): boolean {
    return this.#open.lastEndMs(timeMs) <= this.#watermark.atMs;
  }

  /** An operator that goes on where the snapshot was taken. */
  static restored(options: WindowOptions, snapshot: WindowSnapshot): WindowOperator {
    const operator = new WindowOperator(options, snapshot.watermarkMs);
    // A snapshot may be older than the watermark to go on from: what has closed since is left out.
    for (const pane of snapshot.panes) if (!operator.isClosed(pane.startMs)) operator.#restore(pane);
    for (const [index, states] of snapshot.countWindows.entries()) {
      for (const { symbolId } of states) operator.#ensureSymbols(symbolId + 1);
      operator.#countWindows[index].restore(states);
    }
    return operator;
  }

  /**
   * Hot path: no call per trade but to a cell that is new, no object. Local copies of what the loop reads, because
   * V8 reloads fields after every call.
   */
  #foldIntoPanes(
    trades: TradeColumns,
    from: number,
    to: number,
    results: ResultColumns,
    late: LateTrades,
  ): void {
    const { symbolId: symbols, priceTicks: prices, quantityUnits: quantities, timeMs: times } = trades;
    const panes = this.#panes;
    const { paneMs, stride, recent } = panes;
    const withQuantity = this.#withQuantity;
    const perTrade = this.#countWindows.length > 0 || this.#emitUpdates;
    let { values, slotOf } = panes;
    let horizonMs = this.#watermark.horizonMs;
    let watermarkMs = this.#watermark.atMs;
    let { nextEndMs } = this.#open;
    const { delayMs } = this.#watermark;
    let pane = 0;
    let slot = 0;
    let paneStartMs = Infinity;
    let paneEndMs = -Infinity;
    let highestMs = -Infinity;
    const far = this.#far;

    for (let i = from; i < to; i++) {
      const timeMs = times[i];
      const symbolId = symbols[i];
      const price = prices[i];
      if (timeMs > horizonMs) {
        highestMs = timeMs;
        horizonMs = timeMs;
        watermarkMs = timeMs - delayMs;
        if (watermarkMs >= nextEndMs) {
          this.#watermark.observe(timeMs);
          this.#open.closeDue(watermarkMs, results);
          nextEndMs = this.#open.nextEndMs;
        }
      } else if (timeMs < watermarkMs && !this.#takeLate(trades, i, watermarkMs, late)) {
        if (perTrade) this.#afterTrade(trades, i, false, watermarkMs, results);
        continue;
      }
      if (timeMs < paneStartMs || timeMs >= paneEndMs) {
        pane = Math.floor(timeMs / paneMs);
        if (far !== undefined && pane >= far.fromPane) {
          far.add(pane, symbolId, price, withQuantity ? quantities[i] : 0);
          if (perTrade) this.#afterTrade(trades, i, false, watermarkMs, results);
          continue;
        }
        slot = panes.touch(pane);
        paneStartMs = pane * paneMs;
        paneEndMs = paneStartMs + paneMs;
      }
      let cell = recent[symbolId];
      if (slotOf[cell] !== slot) {
        cell = panes.findOrAdd(pane, symbolId);
        values = panes.values;
        slotOf = panes.slotOf;
      }
      const at = cell * stride;
      values[at + COUNT]++;
      const sum = values[at + SUM] + price;
      if (sum < LIMB) {
        values[at + SUM] = sum;
      } else {
        values[at + SUM] = sum - LIMB;
        values[at + SUM_HIGH]++;
      }
      if (price < values[at + MIN]) values[at + MIN] = price;
      if (price > values[at + MAX]) values[at + MAX] = price;
      if (withQuantity) {
        const volume = values[at + VOLUME] + quantities[i];
        if (volume < LIMB) {
          values[at + VOLUME] = volume;
        } else {
          values[at + VOLUME] = volume - LIMB;
          values[at + VOLUME_HIGH]++;
        }
        addTurnover(values, at, price, quantities[i]);
      }
      if (perTrade) this.#afterTrade(trades, i, true, watermarkMs, results);
    }
    if (to > from) this.#watermark.observe(highestMs);
  }

  #foldIntoCountWindows(trades: TradeColumns, from: number, to: number, results: ResultColumns): void {
    for (let i = from; i < to; i++) {
      this.#watermark.observe(trades.timeMs[i]);
      this.#afterTrade(trades, i, false, this.#watermark.atMs, results);
    }
  }

  /** What cannot wait for the close of a window: count windows and early results. */
  #afterTrade(
    trades: TradeColumns,
    row: number,
    inPane: boolean,
    watermarkMs: number,
    results: ResultColumns,
  ): void {
    const symbolId = trades.symbolId[row];
    const timeMs = trades.timeMs[row];
    const quantityUnits = this.#withQuantity ? trades.quantityUnits[row] : 0;
    for (const countWindows of this.#countWindows) {
      countWindows.add(symbolId, timeMs, trades.priceTicks[row], quantityUnits, results);
    }
    if (!inPane || !this.#emitUpdates) return;
    this.#open.writeEarly(symbolId, timeMs, watermarkMs, results);
  }

  /** A trade before the watermark: true where a window is still open for it, false where it is late for all. */
  #takeLate(trades: TradeColumns, row: number, watermarkMs: number, late: LateTrades): boolean {
    const timeMs = trades.timeMs[row];
    if (this.#open.lastEndMs(timeMs) <= watermarkMs) {
      late.add(row, watermarkMs);
      return false;
    }
    const quantityUnits = this.#withQuantity ? trades.quantityUnits[row] : 0;
    this.#open.addLate(timeMs, trades.symbolId[row], trades.priceTicks[row], quantityUnits);
    return true;
  }

  #restore(pane: PaneSnapshot): void {
    for (const symbolId of pane.symbolIds) this.#ensureSymbols(symbolId + 1);
    if (this.#far !== undefined && pane.startMs >= this.#far.fromPane * this.#panes.paneMs)
      this.#far.restore(pane);
    else restorePane(this.#panes, pane);
  }

  /** Panes that the store has room for now that the watermark is here come near. */
  #reachFrom(watermarkMs: number): void {
    if (this.#far === undefined || !Number.isFinite(watermarkMs)) return;
    const oldest = Math.floor((watermarkMs - this.#longestMs) / this.#panes.paneMs);
    for (const pane of this.#far.takeBefore(oldest + this.#panes.capacity)) {
      restorePane(this.#panes, pane);
      this.#panes.touch(this.#panes.paneOf(pane.startMs));
    }
  }

  #ensureSymbols(count: number): void {
    this.#panes.ensureSymbols(count);
    this.#open.ensureSymbols(count);
    for (const countWindows of this.#countWindows) countWindows.ensureSymbols(count);
  }
}

/** Where the watermark is told: panes that the store has room for at the least. It takes 14 bytes for each. */
const NEAR_PANES = 4096;

/**
 * Up to this many panes a window is folded when it closes; above, figures are carried from window to window.
 * Where the two cross was measured by bench/window-core.ts.
 */
const FOLD_ON_CLOSE_PANES = 4;
