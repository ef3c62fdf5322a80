import { Reader } from './reader.ts';

/** Reads a response of a flexible version (KIP-482): its texts and arrays are compact, and structures end with tags. */
export class FlexibleReader extends Reader {
  /** COMPACT_STRING; null is read as empty. */
  override string(): string {
    return this.bytes().toString('utf8');
  }

  /** COMPACT_ARRAY; null is read as empty. */
  override array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.unsigned() - 1; left > 0; left--) items.push(item());
    return items;
  }

  /** COMPACT_BYTES; null is read as empty. */
  override bytes(): Buffer {
    const length = Math.max(0, this.unsigned() - 1);
    const start = this.take(length);
    return this.buffer.subarray(start, start + length);
  }

  /** What ends each structure: each field that is there is shown to `read`, which passes over those it does not know. */
  tags(read: (tag: number, value: FlexibleReader) => void = () => undefined): void {
    for (let left = this.unsigned(); left > 0; left--) {
      const tag = this.unsigned();
      const length = this.unsigned();
      const start = this.take(length);
      read(tag, new FlexibleReader(this.buffer.subarray(start, start + length)));
    }
  }

  /** UNSIGNED_VARINT */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
