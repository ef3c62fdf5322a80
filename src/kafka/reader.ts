import { readInt64 } from './record-batch.ts';

/** Reads a response one field after the other: https://kafka.apache.org/protocol#protocol_types */
export class Reader {
  protected readonly buffer: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.buffer = bytes;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  int64(): number {
    return readInt64(this.buffer, this.take(8));
  }

  /** Null is read as empty. */
  string(): string {
    const length = Math.max(0, this.int16());
    const start = this.take(length);
    return this.buffer.toString('utf8', start, start + length);
  }

  /** Null is read as empty. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const start = this.take(length);
    return this.buffer.subarray(start, start + length);
  }

  /** Null is read as empty. */
  array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(item());
    return items;
  }

  /** Where the next so many bytes begin, which are passed over. */
  protected take(length: number): number {
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
