/** A record for the input topic of a pipeline. */
export interface FeedRecord {
  /** The symbol, so that all trades of one share a partition; null for a line that is no trade. */
  readonly key: string | null;
  readonly value: string | Buffer;
  /** Whether it was made to come later than disorder alone explains. */
  readonly isLate: boolean;
}

/** Trades in the order in which they are to be written, each with a time at which it is due. */
export interface Feed {
  /**
   * The next records, at most `most`, that are due `elapsedMs` after the start; none where the next one is due later.
   * Undefined once there are no more. Throws what reading a recording throws.
   */
  due(elapsedMs: number, most: number): Promise<readonly FeedRecord[] | undefined>;
  /** How much of a recording has been read; undefined where nothing is read. */
  progress(): { readonly bytes: number; readonly totalBytes: number | undefined } | undefined;
}
