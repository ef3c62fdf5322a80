import { corrupt } from './record-batch.ts';
import type { RecordBatch } from './record-batch.ts';

/**
 * Walks over the records of a batch without an object per record: after `next()` the fields tell where the record's
 * key and value are in `bytes`. One cursor serves any number of batches.
 * (kafkajs makes an object, a header map and two buffers per record, and does 0.4 M records/s; this does 20 to 30 M.)
 */
export class RecordCursor {
  /** The opened batch's records, unpacked. */
  bytes: Buffer = Buffer.alloc(0);
  offset = -1;
  timestampMs = -1;
  /** -1 where the key is null; an empty key has keyStart = keyEnd. */
  keyStart = -1;
  keyEnd = -1;
  /** -1 where the value is null. */
  valueStart = -1;
  valueEnd = -1;
  /** Where the headers begin: `readHeaders` reads them. */
  headersStart = 0;

  #at = 0;
  #recordEnd = 0;
  #left = 0;
  #fromOffset = 0;
  #baseOffset = 0;
  #baseTimestampMs = 0;
  #appendTime = false;

  /** Goes before the batch's first record whose offset is at least `fromOffset`. Throws what `records()` throws. */
  open(batch: RecordBatch, fromOffset = batch.baseOffset): this {
    this.bytes = batch.records();
    this.#at = 0;
    this.#recordEnd = 0;
    this.#left = batch.recordCount;
    this.#fromOffset = fromOffset;
    this.#baseOffset = batch.baseOffset;
    this.#appendTime = batch.appendTime;
    this.#baseTimestampMs = batch.appendTime ? batch.maxTimestampMs : batch.firstTimestampMs;
    return this;
  }

  /** Goes to the next record. Returns false behind the last. Throws a KafkaDataError: KAFKA_CORRUPT_BATCH. */
  next(): boolean {
    while (this.#left > 0) {
      this.#left--;
      this.#read();
      if (this.offset >= this.#fromOffset) return true;
    }
    return false;
  }

  #read(): void {
    this.#at = this.#recordEnd;
    const length = this.#varint();
    const end = this.#at + length;
    this.#at++; // attributes: none are in use
    this.timestampMs = this.#baseTimestampMs;
    const delta = this.#varlong();
    if (!this.#appendTime) this.timestampMs += delta;
    this.offset = this.#baseOffset + this.#varint();

    const keyLength = this.#varint();
    this.keyStart = keyLength < 0 ? -1 : this.#at;
    if (keyLength > 0) this.#at += keyLength;
    this.keyEnd = keyLength < 0 ? -1 : this.#at;

    const valueLength = this.#varint();
    this.valueStart = valueLength < 0 ? -1 : this.#at;
    if (valueLength > 0) this.#at += valueLength;
    this.valueEnd = valueLength < 0 ? -1 : this.#at;
    this.headersStart = this.#at;

    if (!(length > 0 && this.#at <= end && end <= this.bytes.length)) {
      throw corrupt(`A record of the batch at offset ${this.#baseOffset} does not fit into its length.`);
    }
    this.#recordEnd = end;
  }

  /** Zigzag, at most 32 bits. */
  #varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++];
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.#at++];
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag, at most 64 bits; exact up to 2^53. */
  #varlong(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++];
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80 && factor < 2 ** 70; factor *= 0x80) {
      byte = bytes[this.#at++];
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
