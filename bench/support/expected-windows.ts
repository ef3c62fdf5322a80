import { symbolName } from './market-file.ts';

/** One window of one symbol, recomputed from the trades; prices in cents. */
export interface WindowFigures {
  cents: number;
  count: number;
  min: number;
  max: number;
}

/** Windows by `start symbol`, as `windowKey` makes it. */
export type ExpectedWindows = ReadonlyMap<string, WindowFigures>;

export function windowKey(startMs: number, symbol: string): string {
  return `${startMs} ${symbol}`;
}

/**
 * The trades of each slide's length and symbol, added up in whole cents; windows are put together from them at the end.
 * A recomputation apart from the product, for millions of trades. It knows no lateness: no trade may be late.
 */
export class TradeSums {
  readonly #symbols: number;
  readonly #slideMs: number;
  readonly #bySlide = new Map<number, SlideSums>();

  constructor(symbols: number, slideMs: number) {
    this.#symbols = symbols;
    this.#slideMs = slideMs;
  }

  add(symbol: number, priceCents: number, timeMs: number): void {
    const slide = Math.floor(timeMs / this.#slideMs);
    let sums = this.#bySlide.get(slide);
    if (sums === undefined) {
      sums = emptySums(this.#symbols);
      this.#bySlide.set(slide, sums);
    }
    sums.cents[symbol] += priceCents;
    sums.count[symbol]++;
    sums.min[symbol] = Math.min(sums.min[symbol], priceCents);
    sums.max[symbol] = Math.max(sums.max[symbol], priceCents);
  }

  /** The windows of `sizeMs`, a multiple of the slide, that end by the watermark and hold a trade. */
  windows(sizeMs: number, watermarkMs: number): Map<string, WindowFigures> {
    const windows = new Map<string, WindowFigures>();
    const slides = sizeMs / this.#slideMs;
    const first = Math.min(...this.#bySlide.keys());
    const lastEnd = Math.floor(watermarkMs / this.#slideMs);
    for (let end = first + 1; end <= lastEnd; end++) {
      const total = emptySums(this.#symbols);
      for (let slide = Math.max(first, end - slides); slide < end; slide++) {
        const sums = this.#bySlide.get(slide);
        if (sums !== undefined) addTo(total, sums);
      }
      for (let symbol = 0; symbol < this.#symbols; symbol++) {
        if (total.count[symbol] === 0) continue;
        windows.set(windowKey((end - slides) * this.#slideMs, symbolName(symbol)), {
          cents: total.cents[symbol],
          count: total.count[symbol],
          min: total.min[symbol],
          max: total.max[symbol],
        });
      }
    }
    return windows;
  }
}

interface SlideSums {
  readonly cents: Float64Array;
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

function emptySums(symbols: number): SlideSums {
  return {
    cents: new Float64Array(symbols),
    count: new Float64Array(symbols),
    min: new Float64Array(symbols).fill(Infinity),
    max: new Float64Array(symbols),
  };
}

function addTo(total: SlideSums, sums: SlideSums): void {
  for (let symbol = 0; symbol < total.count.length; symbol++) {
    if (sums.count[symbol] === 0) continue;
    total.cents[symbol] += sums.cents[symbol];
    total.count[symbol] += sums.count[symbol];
    total.min[symbol] = Math.min(total.min[symbol], sums.min[symbol]);
    total.max[symbol] = Math.max(total.max[symbol], sums.max[symbol]);
  }
}
