import type { SymbolNames } from '../pipeline/sink.ts';
import type { ResultColumns } from '../window/results.ts';
import { TREND_LENGTH } from './trend.ts';

/** The latest result of one symbol and one of the pipeline's windows. */
export interface WatchedWindow {
  windowIndex: number;
  startMs: number;
  endMs: number;
  average: number;
  min: number;
  max: number;
  count: number;
  volume: number;
  vwap: number;
  /** The last averages, this one included. */
  averages: number[];
}

export interface WatchedSymbol {
  readonly id: number;
  readonly name: string;
  /** By window index; a window without a result yet is a hole. */
  readonly windows: (WatchedWindow | undefined)[];
}

const UNSEEN = 0;
const BEYOND = 1;
const FIRST_PLACE = 2;

/**
 * The latest results of the first `limit` symbols by name. Others are only counted: no terminal shows them, and a
 * million of them would cost memory and time. Ids are those of one `SymbolNames`.
 */
export class Watchlist {
  /** Symbols with a result, shown or not. */
  symbolCount = 0;
  /** In order of name. */
  readonly symbols: WatchedSymbol[] = [];
  readonly #limit: number;
  readonly #byPlace: (WatchedSymbol | undefined)[] = [];
  /** By symbol id: unseen, beyond the limit, or its place in `#byPlace`. */
  #places = new Int32Array(256);

  constructor(limit: number) {
    this.#limit = limit;
  }

  observe(results: ResultColumns, names: SymbolNames): void {
    for (let row = 0; row < results.length; row++) {
      const id = results.symbolId[row];
      if (id >= this.#places.length) this.#grow(id);
      if (this.#places[id] === UNSEEN) this.#add(id, names.name(id));
      if (this.#places[id] === BEYOND) continue;
      const symbol = this.#byPlace[this.#places[id] - FIRST_PLACE];
      if (symbol !== undefined) update(symbol, results, row);
    }
  }

  #add(id: number, name: string): void {
    this.symbolCount++;
    this.#places[id] = BEYOND;
    const at = placeOf(name, this.symbols);
    if (at >= this.#limit) return;
    const symbol: WatchedSymbol = { id, name, windows: [] };
    this.symbols.splice(at, 0, symbol);
    const dropped = this.symbols.length > this.#limit ? this.symbols.pop() : undefined;
    const place = dropped === undefined ? this.#byPlace.length + FIRST_PLACE : this.#places[dropped.id];
    if (dropped !== undefined) this.#places[dropped.id] = BEYOND;
    this.#places[id] = place;
    this.#byPlace[place - FIRST_PLACE] = symbol;
  }

  #grow(id: number): void {
    const places = new Int32Array(Math.max(id + 1, this.#places.length * 2));
    places.set(this.#places);
    this.#places = places;
  }
}

/** Takes over row `row`, unless a later window is there already. */
function update(symbol: WatchedSymbol, results: ResultColumns, row: number): void {
  const windowIndex = results.windowIndex[row];
  const startMs = results.startMs[row];
  const endMs = results.endMs[row];
  const average = results.average[row];
  const last = symbol.windows[windowIndex];
  if (last !== undefined && endMs < last.endMs) return;
  const averages = last?.averages ?? [];
  const isUpdate = last?.endMs === endMs && last.startMs === startMs;
  if (isUpdate) averages.pop();
  averages.push(average);
  if (averages.length > TREND_LENGTH) averages.shift();
  symbol.windows[windowIndex] = {
    windowIndex,
    startMs,
    endMs,
    average,
    min: results.min[row],
    max: results.max[row],
    count: results.count[row],
    volume: results.volume[row],
    vwap: results.vwap[row],
    averages,
  };
}

function placeOf(name: string, symbols: readonly WatchedSymbol[]): number {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle].name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
