/** How long to wait before the next try: twice as long each time, at most two seconds, with jitter. */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds. */
  next(): number {
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
    return longestMs * (0.5 + 0.5 * this.#random());
  }

  succeeded(): void {
    this.#failures = 0;
  }
}

const FIRST_MS = 50;
const LONGEST_MS = 2_000;
