import type { Random } from '../source/random.ts';
import type { FeedRecord } from './feed.ts';

/** What a producer does that tries again after an answer was lost: some records come twice, the second time later. */
export class Duplicates {
  count = 0;
  readonly #share: number;
  readonly #random: Random;
  #repeats: readonly FeedRecord[] = [];

  /** `share`: of the records, from 0 to 1. */
  constructor(share: number, random: Random) {
    this.#share = share;
    this.#random = random;
  }

  /** The records, and behind them those of the call before that come again. */
  after(records: readonly FeedRecord[]): readonly FeedRecord[] {
    if (this.#share === 0) return records;
    const all = [...records, ...this.#repeats];
    this.count += this.#repeats.length;
    this.#repeats = records.filter(() => this.#random.uniform() < this.#share);
    return all;
  }
}
