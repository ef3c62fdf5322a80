import type { TradeCodec } from '../../src/trade/codec.ts';
import { TradeBatch } from '../../src/trade/trade-batch.ts';
import type {
  DecodedRecords,
  FetchedPiece,
  LogReader,
  Outgoing,
  OutgoingRecord,
  PartitionLog,
  PartitionPosition,
  PartitionWriter,
  RecordHeader,
} from '../../src/pipeline/partition-ports.ts';

export interface InputRecord {
  readonly key: string | null;
  readonly value: string | null;
  /** Instead of `value`: what is no text. */
  readonly bytes?: Uint8Array;
  readonly headers?: readonly RecordHeader[];
}

/** How a commit fails, and whether it took effect all the same: the answer was lost. */
export interface CommitFailure {
  readonly kind: 'retry' | 'fatal';
  readonly takesEffect: boolean;
}

/** What Kafka is for a pipeline of one input partition: its records, the group's offset, and the outputs. */
export class MemoryBroker {
  readonly records: InputRecord[] = [];
  readonly results: OutgoingRecord[] = [];
  readonly late: OutgoingRecord[] = [];
  readonly deadLetters: OutgoingRecord[] = [];
  /** Records before it are gone. */
  logStart = 0;
  committed: { readonly offset: number; readonly metadata: string } | undefined;
  /** How often the transactional id was fenced. */
  fences = 0;
  openWriters = 0;
  /** The next commit fails so. */
  nextFailure: CommitFailure | undefined;

  append(records: readonly InputRecord[]): void {
    this.records.push(...records);
  }

  commit(outgoing: Outgoing, offset: number, metadata: string): void {
    this.results.push(...outgoing.results);
    this.late.push(...outgoing.late);
    this.deadLetters.push(...outgoing.deadLetters);
    this.committed = { offset, metadata };
  }
}

/** One member of the pipeline's group. Nothing comes by itself: `deliver` fetches. */
export class MemoryLog implements PartitionLog {
  /** Where delivery was told to go on, each time. */
  readonly sought: number[] = [];
  readonly #broker: MemoryBroker;
  #position = 0;
  #isPaused = false;
  #positionHeld: Promise<void> = Promise.resolve();

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  newWriter(): PartitionWriter {
    this.#broker.openWriters++;
    return new MemoryWriter(this.#broker);
  }

  async position(): Promise<PartitionPosition> {
    await this.#positionHeld;
    const { committed, logStart } = this.#broker;
    return { offset: committed?.offset, metadata: committed?.metadata ?? '', logStart };
  }

  /** Until the returned function is called, `position` is not answered. */
  holdPosition(): () => void {
    const held = Promise.withResolvers<undefined>();
    this.#positionHeld = held.promise;
    return () => {
      held.resolve(undefined);
    };
  }

  seek(_partition: number, offset: number): void {
    this.sought.push(offset);
    this.#position = offset;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** One fetch of at most so many records. Returns whether there were any. */
  async deliver(
    reader: Pick<LogReader, 'take' | 'reachedEnd'>,
    atMost: number,
    nowMs: number,
  ): Promise<boolean> {
    if (this.#isPaused) return false;
    const from = this.#position;
    const endOffset = this.#broker.records.length;
    const nextOffset = Math.min(endOffset, from + atMost);
    this.#position = nextOffset;
    reader.reachedEnd(0, nextOffset, endOffset, nowMs);
    if (nextOffset === from) return false;
    const piece = new MemoryPiece(this.#broker.records, from, nextOffset, endOffset);
    await reader.take(0, piece);
    piece.forget();
    return true;
  }
}

class MemoryWriter implements PartitionWriter {
  readonly #broker: MemoryBroker;
  #fence: number | undefined;
  #isOpen = true;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  fence(): Promise<void> {
    this.#fence = ++this.#broker.fences;
    return Promise.resolve();
  }

  async commit(outgoing: Outgoing, offset: number, metadata: string): Promise<void> {
    const broker = this.#broker;
    await Promise.resolve(); // a fence may come in between
    if (!this.#isOpen || this.#fence === undefined) throw new Error('The writer is not ready.');
    if (this.#fence !== broker.fences) throw failure('fenced');
    const failing = broker.nextFailure;
    broker.nextFailure = undefined;
    if (failing === undefined || failing.takesEffect) broker.commit(outgoing, offset, metadata);
    if (failing === undefined) return;
    this.#isOpen = false;
    throw failure(failing.kind);
  }

  discard(): Promise<void> {
    if (this.#isOpen || this.#fence !== undefined) this.#broker.openWriters--;
    this.#isOpen = false;
    this.#fence = undefined;
    return Promise.resolve();
  }
}

function failure(kind: 'retry' | 'fenced' | 'fatal'): Error {
  return Object.assign(new Error(`The commit failed: ${kind}.`), { kind });
}

class MemoryPiece implements FetchedPiece {
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly endOffset: number;
  readonly #records: readonly InputRecord[];
  readonly #decoded: DecodedRecords[] = [];

  constructor(records: readonly InputRecord[], fromOffset: number, nextOffset: number, endOffset: number) {
    this.#records = records;
    this.fromOffset = fromOffset;
    this.nextOffset = nextOffset;
    this.endOffset = endOffset;
  }

  *records(codec: TradeCodec, offset: number, before: number): Generator<DecodedRecords> {
    const from = Math.max(offset, this.fromOffset);
    const to = Math.min(before, this.nextOffset);
    if (from >= to) return;
    const records = decoded(this.#records.slice(from, to), from, codec);
    this.#decoded.push(records);
    yield records;
  }

  /** The piece is taken: whoever looks at its bytes from now on finds others. */
  forget(): void {
    for (const { bytes } of this.#decoded) bytes.fill(0xff);
  }
}

/** What is decoded of records, the first of which has the offset `from`. */
export function decoded(records: readonly InputRecord[], from: number, codec: TradeCodec): DecodedRecords {
  const values = records.map(({ value, bytes: own }) => Buffer.from(own ?? value ?? ''));
  const bytes = Buffer.concat(values);
  const trades = new TradeBatch();
  const recordOf: number[] = [];
  const rejected: number[] = [];
  let tombstones = 0;
  let decodedRecords = 0;
  let at = 0;
  for (const [i, { value, bytes: own }] of records.entries()) {
    const end = at + values[i].length;
    if (value === null && own === undefined) tombstones++;
    else codec.decodeMessage(bytes, at, end, trades);
    if (trades.schemaNeeded >= 0) break;
    decodedRecords++;
    at = end;
    while (recordOf.length < trades.length) recordOf.push(i);
    while (rejected.length < trades.rejections.length) rejected.push(i);
  }
  const keyOf = (i: number): Uint8Array | null => {
    const { key } = records[i];
    return key === null ? null : Buffer.from(key);
  };
  return {
    bytes,
    trades,
    offsets: Float64Array.from(recordOf, (i) => from + i),
    rejectedOffsets: rejected.map((i) => from + i),
    rejectedKeys: rejected.map(keyOf),
    rejectedHeaders: rejected.map((i) => records[i].headers ?? []),
    headersOf: (row) => records[recordOf[row]].headers ?? [],
    records: decodedRecords,
    tombstones,
    needs:
      trades.schemaNeeded < 0 ? undefined : { schemaId: trades.schemaNeeded, offset: from + decodedRecords },
  };
}
