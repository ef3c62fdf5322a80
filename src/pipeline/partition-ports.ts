import type { TradeCodec } from '../trade/codec.ts';
import type { TradeBatch } from '../trade/trade-batch.ts';
import type { SourceProgress } from './source-progress.ts';

/** Records of one fetched piece of a partition, decoded; the columns are reused for the next ones. */
export interface DecodedRecords {
  /** Where the trades' and rejections' records lie, until the piece is taken: then the memory is used again. */
  readonly bytes: Uint8Array;
  readonly trades: TradeBatch;
  /** By row of `trades`: the record's offset. */
  readonly offsets: Float64Array;
  /** By rejection of `trades`: the record's offset. */
  readonly rejectedOffsets: readonly number[];
  /** By rejection of `trades`: the record's key. */
  readonly rejectedKeys: readonly (Uint8Array | null)[];
  /** Of a topic that was re-keyed: what its sources told between and behind the trades, in their order. */
  readonly progress?: readonly SourceProgress[];
  /** By rejection of `trades`: the record's headers. */
  readonly rejectedHeaders: readonly (readonly RecordHeader[])[];
  /** The headers of the record of a row of `trades`; made anew at each call. */
  readonly headersOf: (row: number) => readonly RecordHeader[];
  /** How many records were decoded; one may hold several trades. */
  readonly records: number;
  /** How many of them had no value: their key is gone, which is no trade and no mistake. */
  readonly tombstones: number;
  /** The record that cannot be decoded before a schema is known; it and all after it are left out. */
  readonly needs: NeededSchema | undefined;
}

/** The schema that the record at the offset names by its id. */
export interface NeededSchema {
  readonly schemaId: number;
  readonly offset: number;
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What one fetch has brought of a partition; to be read before `LogReader.take` has ended. */
export interface FetchedPiece {
  /** The offset that was asked for. */
  readonly fromOffset: number;
  /** The offset after the last one that was looked at. */
  readonly nextOffset: number;
  /** The end of the partition as the broker told it. */
  readonly endOffset: number;
  /** The records from `offset` on, before `before`; decoded as they are taken. */
  records(codec: TradeCodec, offset: number, before: number): Iterable<DecodedRecords>;
}

/** A record to write, to the topic of its kind. */
export interface OutgoingRecord {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array;
  readonly headers?: readonly RecordHeader[];
  /** Whether each partition of the topic gets it, behind the records before it; else the one that its key says. */
  readonly toAll?: true;
}

export interface Outgoing {
  readonly results: readonly OutgoingRecord[];
  readonly late: readonly OutgoingRecord[];
  readonly deadLetters: readonly OutgoingRecord[];
}

/** The right to write a partition's results. Whoever has fenced last holds it; every earlier holder's calls fail. */
export interface PartitionWriter {
  fence(): Promise<void>;
  /** Records and offset in one transaction, both or neither. */
  commit(outgoing: Outgoing, offset: number, metadata: string): Promise<void>;
  discard(): Promise<void>;
}

/** The committed offset of a partition, and the range that the log holds. */
export interface PartitionPosition {
  /** Undefined: the group has never committed here. */
  readonly offset: number | undefined;
  readonly metadata: string;
  readonly logStart: number;
}

/** What a task needs of the log; the Kafka adapter and the tests' memory log offer it. */
export interface PartitionLog {
  newWriter(partition: number): PartitionWriter;
  /** To be read after a fence: a broker acknowledges a commit before its offset shows, and a fence waits until it does. */
  position(partition: number): Promise<PartitionPosition>;
  /** Delivery goes on from `offset`. */
  seek(partition: number, offset: number): void;
  pause(partition: number): void;
  resume(partition: number): void;
}

/** Who takes what a log delivers: the aggregator. */
export interface LogReader {
  /** These partitions are the reader's from now on, and no others. */
  assign(partitions: readonly number[]): void;
  /** The next piece of the partition comes once this is resolved. */
  take(partition: number, piece: FetchedPiece): Promise<void>;
  /** A fetch that was asked for at `askedAtMs` has told the partition's end. */
  reachedEnd(partition: number, nextOffset: number, endOffset: number, askedAtMs: number): void;
  /** The log does not hold the position any more: nothing comes until it is sought anew. Told again and again. */
  lostPosition(partition: number): void;
}

/** `retry`: take over again. `fenced`: somebody else owns the partition. `fatal`: the same would happen again. */
export function failureKind(error: unknown): 'retry' | 'fenced' | 'fatal' {
  const kind = typeof error === 'object' && error !== null && 'kind' in error ? error.kind : undefined;
  return kind === 'fenced' || kind === 'fatal' ? kind : 'retry';
}
