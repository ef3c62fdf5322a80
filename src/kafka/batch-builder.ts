import type { RecordHeader } from '../pipeline/partition-ports.ts';
import { compress } from './compress.ts';
import type { Codec } from './compression.ts';
import { internals } from './kafkajs-internals.ts';

/** A key or a value; texts are written as UTF-8. */
export type RecordPart = string | Uint8Array | null;

/** Whose records they are: a broker takes each of them once, in order (KIP-98). */
export interface BatchOwner {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Number of the batch's first record among all that the producer has sent to the partition in this epoch. */
  readonly firstSequence: number;
}

/**
 * A record batch of a transaction in message format 2 (Kafka's DefaultRecordBatch), written record by record into one
 * buffer. kafkajs makes a header map, four encoders and a dozen buffers of each record, and takes ten times as long.
 */
export class BatchBuilder {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #at = HEADER_BYTES;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes so far, not compressed. */
  get size(): number {
    return this.#at;
  }

  add(key: RecordPart, value: RecordPart, headers: readonly RecordHeader[] = NO_HEADERS): void {
    const keyBytes = lengthOf(key);
    const valueBytes = lengthOf(value);
    const offsetDelta = this.#count++;
    const length =
      FIXED_BYTES +
      varintSize(offsetDelta) +
      varintSize(keyBytes) +
      Math.max(0, keyBytes) +
      varintSize(valueBytes) +
      Math.max(0, valueBytes) +
      headersSize(headers);
    this.#reserve(length + MAX_VARINT_BYTES);
    this.#varint(length);
    this.#bytes[this.#at++] = 0; // attributes
    this.#bytes[this.#at++] = 0; // all records of a batch have its time
    this.#varint(offsetDelta);
    this.#part(key, keyBytes);
    this.#part(value, valueBytes);
    this.#varint(headers.length);
    for (const header of headers) {
      this.#part(header.key, lengthOf(header.key));
      this.#part(header.value, lengthOf(header.value));
    }
  }

  /** The batch as a broker takes it. `nowMs` becomes the time of all its records. */
  build(owner: BatchOwner, codec: Codec, nowMs: number): Buffer {
    const records = this.#bytes.subarray(HEADER_BYTES, this.#at);
    const batch =
      codec === 'none'
        ? this.#bytes.subarray(0, this.#at)
        : Buffer.concat([this.#bytes.subarray(0, HEADER_BYTES), compress(codec, records)]);
    batch.writeBigInt64BE(0n, 0); // the broker gives the offsets
    batch.writeInt32BE(batch.length - LENGTH_END, 8);
    batch.writeInt32BE(-1, 12); // the leader's epoch: the broker's to write
    batch[16] = FORMAT;
    batch.writeInt16BE(TRANSACTIONAL | CODEC_NUMBERS[codec], CHECKED_FROM);
    batch.writeInt32BE(this.#count - 1, 23);
    batch.writeBigInt64BE(BigInt(nowMs), 27);
    batch.writeBigInt64BE(BigInt(nowMs), 35);
    batch.writeBigInt64BE(BigInt(owner.producerId), 43);
    batch.writeInt16BE(owner.producerEpoch, 51);
    batch.writeInt32BE(owner.firstSequence, 53);
    batch.writeInt32BE(this.#count, 57);
    batch.writeUInt32BE(internals().crc32C(batch.subarray(CHECKED_FROM)), 17);
    return batch;
  }

  #part(part: RecordPart, bytes: number): void {
    this.#varint(bytes);
    if (typeof part === 'string') this.#bytes.write(part, this.#at);
    else if (part !== null) this.#bytes.set(part, this.#at);
    if (bytes > 0) this.#at += bytes;
  }

  /** Zigzag, at most 32 bits. */
  #varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** -1 for null, as the format has it. */
function lengthOf(part: RecordPart): number {
  if (part === null) return -1;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

/** Of all of them, their number included. */
function headersSize(headers: readonly RecordHeader[]): number {
  let size = varintSize(headers.length);
  for (const { key, value } of headers) {
    const [keyBytes, valueBytes] = [lengthOf(key), lengthOf(value)];
    size += varintSize(keyBytes) + keyBytes + varintSize(valueBytes) + Math.max(0, valueBytes);
  }
  return size;
}

function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5;
}

const INITIAL_BYTES = 16 * 1024;
const HEADER_BYTES = 61;
/** Behind the batch's offset and its length, from where the length counts. */
const LENGTH_END = 12;
/** The checksum covers the batch from its attributes on. */
const CHECKED_FROM = 21;
const FORMAT = 2;
const TRANSACTIONAL = 0x10;
const CODEC_NUMBERS: Record<Codec, number> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };
/** Of a record: attributes, the difference of its time. */
const FIXED_BYTES = 2;
const NO_HEADERS: readonly RecordHeader[] = [];
const MAX_VARINT_BYTES = 5;
