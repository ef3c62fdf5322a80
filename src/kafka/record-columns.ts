import type { RecordPlaces } from '../trade/codec.ts';
import { corrupt, type RecordBatch } from './record-batch.ts';

/**
 * Where the records of a batch are, in columns. Hot path: one loop over all of them, which takes half the time of a
 * RecordCursor's step for each.
 */
export class RecordColumns implements RecordPlaces {
  /** The batch's records, unpacked. */
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  offset = new Float64Array(INITIAL);
  /** -1 where the key is null. */
  keyStart = new Int32Array(INITIAL);
  keyEnd = new Int32Array(INITIAL);
  /** -1 where the value is null. */
  start = new Int32Array(INITIAL);
  /** Where the value ends and the headers begin. */
  end = new Int32Array(INITIAL);

  /**
   * The records whose offset is at least `fromOffset`, up to one of `before` or more. Throws what `records()` throws, and
   * a KafkaDataError: KAFKA_CORRUPT_BATCH.
   */
  read(batch: RecordBatch, fromOffset: number, before: number): this {
    const bytes = batch.records();
    this.bytes = bytes;
    this.#reserve(batch.recordCount);
    const { offset: offsets, keyStart: keyStarts, keyEnd: keyEnds, start: starts, end: ends } = this;
    const { baseOffset, recordCount } = batch;
    const varints = new Varints(bytes);
    let count = 0;
    for (let i = 0, begin = 0; i < recordCount; i++) {
      varints.at = begin;
      const length = varints.next();
      const recordEnd = varints.at + length;
      varints.at++; // attributes: none are in use
      varints.skip(); // the time
      const offset = baseOffset + varints.next();
      const keyLength = varints.next();
      const keyStart = varints.at;
      if (keyLength > 0) varints.at += keyLength;
      const keyEnd = varints.at;
      const valueLength = varints.next();
      const start = varints.at;
      const end = valueLength > 0 ? start + valueLength : start;
      if (!(length > 0 && end <= recordEnd && recordEnd <= bytes.length))
        throw corrupt(`A record of the batch at offset ${baseOffset} does not fit into its length.`);
      begin = recordEnd;
      if (offset < fromOffset) continue;
      if (offset >= before) break;
      offsets[count] = offset;
      keyStarts[count] = keyLength < 0 ? -1 : keyStart;
      keyEnds[count] = keyEnd;
      starts[count] = valueLength < 0 ? -1 : start;
      ends[count] = end;
      count++;
    }
    this.count = count;
    return this;
  }

  key(record: number): Buffer | null {
    const start = this.keyStart[record];
    return start < 0 ? null : this.bytes.subarray(start, this.keyEnd[record]);
  }

  #reserve(records: number): void {
    if (records <= this.offset.length) return;
    this.offset = new Float64Array(records);
    this.keyStart = new Int32Array(records);
    this.keyEnd = new Int32Array(records);
    this.start = new Int32Array(records);
    this.end = new Int32Array(records);
  }
}

/** Numbers of one byte and more, seven bits in each, the lowest first; zigzag. */
class Varints {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At most 32 bits. */
  next(): number {
    let byte = this.#bytes[this.at++];
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = this.#bytes[this.at++];
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** At most 64 bits. */
  skip(): void {
    for (let left = MOST_BYTES; left > 0 && this.#bytes[this.at++] >= 0x80; left--);
  }
}

const INITIAL = 4096;
const MOST_BYTES = 10;
