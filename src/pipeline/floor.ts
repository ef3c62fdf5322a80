/**
 * The smallest offset that a replay must begin at when there is no checkpoint: the first one that holds a trade of a
 * window that is still open. Kept per batch: its first offset, and its highest event time, which decides whether all
 * of it has closed.
 */
export class Floor {
  readonly #offsets: number[] = [];
  readonly #highestMs: number[] = [];
  #first = 0;

  /** A batch joined whose first offset is `offset`. Offsets rise. */
  add(offset: number, highestMs: number): void {
    if (this.#offsets.length - this.#first >= MOST_ENTRIES) this.#thin();
    this.#offsets.push(offset);
    this.#highestMs.push(highestMs);
  }

  /** The floor, or `position` where nothing is open; `isClosed` says whether all windows of a time have closed. */
  at(position: number, isClosed: (timeMs: number) => boolean): number {
    while (this.#first < this.#offsets.length && isClosed(this.#highestMs[this.#first])) this.#first++;
    if (this.#first > MOST_ENTRIES) this.#forget();
    return this.#first < this.#offsets.length ? this.#offsets[this.#first] : position;
  }

  #forget(): void {
    this.#offsets.splice(0, this.#first);
    this.#highestMs.splice(0, this.#first);
    this.#first = 0;
  }

  /** Joins neighbours: the floor may then be a little lower than need be, never higher. */
  #thin(): void {
    this.#forget();
    const half = Math.ceil(this.#offsets.length / 2);
    for (let i = 0; i < half; i++) {
      this.#offsets[i] = this.#offsets[2 * i];
      this.#highestMs[i] = Math.max(this.#highestMs[2 * i], this.#highestMs.at(2 * i + 1) ?? -Infinity);
    }
    this.#offsets.length = half;
    this.#highestMs.length = half;
  }
}

const MOST_ENTRIES = 1024;
