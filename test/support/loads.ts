import type { LoadReading } from '../../src/scaling/load-reading.ts';

/** What a topic and its group are to look like. */
export interface LoadShape {
  readonly atMs: number;
  /** By partition. */
  readonly ends: readonly number[];
  readonly positions: readonly number[];
  /** Partitions of each member; all settled. */
  readonly members?: readonly (readonly number[])[];
  readonly state?: LoadReading['group']['state'];
}

export function reading({ atMs, ends, positions, members = [], state = 'settled' }: LoadShape): LoadReading {
  return {
    atMs,
    partitions: ends.map((endOffset, partition) => ({
      partition,
      endOffset,
      position: positions[partition],
    })),
    group: {
      state,
      members: members.map((partitions, index) => ({ memberId: `member-${index}`, partitions })),
    },
  };
}

/** Readings, 5 s apart, of a topic into which as much arrives as its readers fold. */
export class SteadyTopic {
  readonly #partitions: number;
  #atMs = 0;
  #end = 0;
  #lag = 0;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** After 5 s in which `arriving` a second came and `folded` a second were read, in all partitions together. */
  next(arriving: number, folded: number, members: readonly (readonly number[])[]): LoadReading {
    this.#atMs += 5_000;
    this.#end += arriving * 5;
    this.#lag = Math.max(0, this.#lag + (arriving - folded) * 5);
    const each = (records: number): number[] =>
      Array.from({ length: this.#partitions }, () => records / this.#partitions);
    return reading({
      atMs: this.#atMs,
      ends: each(this.#end),
      positions: each(this.#end - this.#lag),
      members,
    });
  }
}
