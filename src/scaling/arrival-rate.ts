import type { LoadReading } from './load-reading.ts';

/**
 * How fast records arrive: by how much the ends of all partitions have moved over the last readings. Short enough to
 * see a burst before a backlog tells of it, long enough that batches of producers make no waves.
 */
export class ArrivalRate {
  readonly #ends: { readonly atMs: number; readonly records: number }[] = [];

  observe({ atMs, partitions }: LoadReading): void {
    const records = partitions.reduce((sum, { endOffset }) => sum + endOffset, 0);
    const last = this.#ends.at(-1);
    if (last !== undefined && records < last.records) this.#ends.length = 0; // the topic was made anew
    this.#ends.push({ atMs, records });
    // The oldest is the last one that is a whole window ago.
    while (this.#ends.length > 2 && atMs - this.#ends[1].atMs >= WINDOW_MS) this.#ends.shift();
  }

  /** Records per second; undefined before the second reading. */
  get perSecond(): number | undefined {
    const [first] = this.#ends;
    const last = this.#ends.at(-1);
    if (last === undefined || last.atMs <= first.atMs) return undefined;
    return ((last.records - first.records) * 1000) / (last.atMs - first.atMs);
  }
}

const WINDOW_MS = 5_000;
