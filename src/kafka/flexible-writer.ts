/** Writes a request of a flexible version (KIP-482) field by field: https://kafka.apache.org/protocol#protocol_types */
export class FlexibleWriter {
  readonly #parts: Buffer[] = [];

  int16(value: number): this {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(value);
    return this.buffer(bytes);
  }

  int32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    return this.buffer(bytes);
  }

  int64(value: bigint): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(value);
    return this.buffer(bytes);
  }

  boolean(value: boolean): this {
    return this.buffer(Buffer.of(value ? 1 : 0));
  }

  /** COMPACT_STRING and COMPACT_NULLABLE_STRING */
  string(value: string | null): this {
    return value === null ? this.unsigned(0) : this.bytes(Buffer.from(value));
  }

  /** COMPACT_BYTES and COMPACT_RECORDS; not copied. */
  bytes(value: Buffer): this {
    return this.unsigned(value.length + 1).buffer(value);
  }

  /** COMPACT_ARRAY */
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsigned(items.length + 1);
    items.forEach(write);
    return this;
  }

  /** What ends each structure: fields that may be left out, of which none is written. */
  noTags(): this {
    return this.unsigned(0);
  }

  /** UNSIGNED_VARINT */
  unsigned(value: number): this {
    const bytes: number[] = [];
    let left = value;
    for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
    bytes.push(left);
    return this.buffer(Buffer.from(bytes));
  }

  buffer(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
