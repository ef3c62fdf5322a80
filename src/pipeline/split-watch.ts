import type { SymbolTable } from '../trade/symbol-table.ts';
import type { ResultColumns } from '../window/results.ts';
import type { Logger } from './logger.ts';
import type { SymbolPlaces } from './symbol-places.ts';
import type { TaskObserver } from './task-observer.ts';

export interface SplitWatchOptions {
  readonly places: SymbolPlaces;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Symbols of a partition that trade in another one too, at this moment. */
export interface SplitSymbols {
  readonly count: number;
  /** One of them, and where else it trades. */
  readonly symbol: string;
  readonly otherPartition: number;
}

/**
 * Notices symbols whose trades come in several partitions: each partition then computes windows of its own, and all are
 * wrong. Looks at a symbol when it first comes, and once in ten minutes when it has a result; the trades themselves it
 * does not look at. A store that is away costs nothing but the notice.
 */
export class SplitWatch {
  readonly #partition: number;
  readonly #symbols: SymbolTable;
  readonly #options: SplitWatchOptions;
  /** Symbols that came before have been noticed. */
  #known = 0;
  #period = -1;
  /** By symbol id: whether it was noticed in this period. */
  #noticed = new Uint8Array(256);
  #waiting: number[] = [];
  #isClaiming = false;
  readonly #split = new Map<string, { readonly otherPartition: number; readonly period: number }>();
  readonly #told = new Set<string>();

  constructor(partition: number, symbols: SymbolTable, options: SplitWatchOptions) {
    this.#partition = partition;
    this.#symbols = symbols;
    this.#options = options;
  }

  get found(): SplitSymbols | undefined {
    for (const [symbol, { otherPartition }] of this.#split)
      return { count: this.#split.size, symbol, otherPartition };
    return undefined;
  }

  /** Called after each piece. */
  look(results: ResultColumns): void {
    this.#beginPeriod(Math.floor(this.#options.nowMs() / PERIOD_MS));
    if (this.#symbols.size > this.#noticed.length) this.#grow();
    for (; this.#known < this.#symbols.size; this.#known++) this.#notice(this.#known);
    for (let row = 0; row < results.length; row++) this.#notice(results.symbolId[row]);
    if (this.#waiting.length > 0 && !this.#isClaiming)
      void this.#claim(this.#waiting.splice(0, MOST_AT_ONCE));
  }

  #notice(symbolId: number): void {
    if (this.#noticed[symbolId] === 1) return;
    this.#noticed[symbolId] = 1;
    this.#waiting.push(symbolId);
  }

  /** What was not found again in the last one is over. */
  #beginPeriod(period: number): void {
    if (period === this.#period) return;
    this.#period = period;
    this.#noticed.fill(0);
    const before = this.#split.size;
    for (const [symbol, each] of this.#split) if (each.period < period - 1) this.#split.delete(symbol);
    if (this.#split.size !== before) this.#tellCount();
  }

  /** Never rejects. */
  async #claim(symbolIds: readonly number[]): Promise<void> {
    this.#isClaiming = true;
    const period = this.#period;
    const symbols = symbolIds.map((id) => this.#symbols.name(id));
    try {
      const found = await this.#options.places.claim(this.#partition, symbols, period);
      for (const { symbol, otherPartition } of found) {
        this.#split.set(symbol, { otherPartition, period });
        this.#warn(symbol, otherPartition);
      }
      if (found.length > 0) this.#tellCount();
    } catch (error) {
      this.#options.logger.debug(
        { partition: this.#partition, err: error },
        'places of symbols are not known',
      );
      for (const id of symbolIds) this.#noticed[id] = 0; // noticed again with their next result
    } finally {
      this.#isClaiming = false;
    }
  }

  /** Once for a symbol, and for a few of them only: an input without keys has all of them everywhere. */
  #warn(symbol: string, otherPartition: number): void {
    if (this.#told.has(symbol) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(symbol);
    const more = this.#told.size === MOST_TOLD ? '; others are counted only, in tidemark_split_symbols' : '';
    this.#options.logger.warn(
      { partition: this.#partition, otherPartition, symbol },
      `a symbol trades in two partitions, and its windows are wrong: key records by symbol, or set input.rekey${more}`,
    );
  }

  #tellCount(): void {
    this.#options.observer.splitSymbols(this.#partition, this.#split.size);
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.#symbols.size, this.#noticed.length * 2));
    larger.set(this.#noticed);
    this.#noticed = larger;
  }
}

const PERIOD_MS = 600_000;
const MOST_AT_ONCE = 1_000;
const MOST_TOLD = 5;
