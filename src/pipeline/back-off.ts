/** How long to wait after failures in a row: doubled each time, within bounds, and spread so that many do not come at once. */
export class BackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor({ firstMs, mostMs, random }: { firstMs: number; mostMs: number; random: () => number }) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Between half of the doubled time and all of it; never less than what the server asked for. */
  next(atLeastMs = 0): number {
    const wholeMs = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return atLeastMs + wholeMs * (0.5 + this.#random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
