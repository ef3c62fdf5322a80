/** Reads a response of a flexible version (KIP-482) field by field: https://kafka.apache.org/protocol#protocol_types */
export class FlexibleReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** COMPACT_STRING; null is read as empty. */
  string(): string {
    const length = Math.max(0, this.unsigned() - 1);
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** COMPACT_ARRAY; null is read as empty. */
  array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.unsigned() - 1; left > 0; left--) items.push(item());
    return items;
  }

  /** What ends each structure: `read` is shown those of the fields it knows, the others are passed over. */
  tags(read: (tag: number, value: FlexibleReader) => void = () => undefined): void {
    for (let left = this.unsigned(); left > 0; left--) {
      const tag = this.unsigned();
      const length = this.unsigned();
      const start = this.#take(length);
      read(tag, new FlexibleReader(this.#bytes.subarray(start, start + length)));
    }
  }

  /** UNSIGNED_VARINT */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  #take(length: number): number {
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
