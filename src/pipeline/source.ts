/**
 * Where trades come from when there is no broker: bytes in order, cut anywhere.
 *
 * A chunk's memory belongs to the source: the consumer is done with it before it asks for the next one.
 */
export interface ByteSource {
  /** As messages and dead letters name it: `trades.csv`, `stdin`, `tcp://host:9999`, `demo`. */
  readonly name: string;
  /** Whether it ends by itself. The end of a bounded source closes every window. */
  readonly bounded: boolean;
  /** Bytes to read in all, where that is known; `progressBytes` is in the same measure. */
  readonly totalBytes: number | undefined;
  /** Bytes read so far: of the file on disk, so compressed bytes for a compressed file. */
  readonly progressBytes: number;

  /**
   * Reads until the end or until `signal` aborts (which ends the iteration without an error).
   * Throws a TidemarkError: INPUT_MISSING, INPUT_UNREADABLE, INPUT_TRUNCATED, INPUT_CORRUPT.
   */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array | StreamCut>;
}

/** The byte stream broke off and starts anew: bytes before and after do not belong to one record. */
export interface StreamCut {
  /** As in "the connection closed". */
  readonly cut: string;
}
