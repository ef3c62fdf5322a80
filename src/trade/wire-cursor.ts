/**
 * Reads the numbers of binary records, each byte once, without an object per number. It never throws: what would lie
 * behind the end makes it `broken`, and whoever has read a record looks at that when it is through.
 */
export class WireCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** The first byte that was not read. */
  at = 0;
  end = 0;
  broken = false;
  /** How deep the value at hand lies inside of others. */
  depth = 0;
  /** The halves of the last varint, each from 0 to 2^32 - 1. */
  low = 0;
  high = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));

  open(bytes: Uint8Array, start: number, end: number): this {
    if (bytes !== this.bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.broken = false;
    this.depth = 0;
    return this;
  }

  /** Seven bits a byte, the lowest first, at most 64 bits; into `low` and `high`. */
  varint(): void {
    const { bytes, end } = this;
    let at = this.at;
    if (at < end && bytes[at] < 0x80) {
      this.low = bytes[at];
      this.high = 0;
      this.at = at + 1;
      return;
    }
    let byte = at < end ? bytes[at++] : this.#outside();
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = at < end && shift < 70 ? bytes[at++] : this.#outside();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
    }
    this.at = at;
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** A varint that counts something; one beyond 2^32 is broken. */
  count(): number {
    this.varint();
    if (this.high !== 0) this.broken = true;
    return this.low;
  }

  /** A varint whose lowest bit is the sign. Exact to 2^53; beyond that `zigzagBig` is. */
  zigzag(): number {
    this.varint();
    if (this.high === 0) {
      const { low } = this;
      return (low & 1) === 0 ? low >>> 1 : -(low >>> 1) - 1;
    }
    if (this.high >= 2 ** 21) return Number(this.zigzagBig);
    const unsigned = this.high * 2 ** 32 + this.low;
    return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
  }

  /** The last varint as `zigzag` reads it. */
  get zigzagBig(): bigint {
    const unsigned = this.unsignedBig;
    return (unsigned & 1n) === 0n ? unsigned >> 1n : -((unsigned + 1n) >> 1n);
  }

  /** The last varint as it is. */
  get unsignedBig(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** The last varint in two's complement. */
  get signedBig(): bigint {
    return BigInt.asIntN(64, this.unsignedBig);
  }

  double(): number {
    const at = this.#take(8);
    return this.broken ? 0 : this.#view.getFloat64(at, true);
  }

  float(): number {
    const at = this.#take(4);
    return this.broken ? 0 : this.#view.getFloat32(at, true);
  }

  /** Four bytes, the lowest first, into `low`. */
  fixed32(): void {
    const at = this.#take(4);
    this.low = this.broken ? 0 : this.#view.getUint32(at, true);
    this.high = 0;
  }

  /** Eight bytes, the lowest first, into `low` and `high`. */
  fixed64(): void {
    const at = this.#take(8);
    this.low = this.broken ? 0 : this.#view.getUint32(at, true);
    this.high = this.broken ? 0 : this.#view.getUint32(at + 4, true);
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  /** Where `bytes` bytes begin, which are passed over. */
  #take(bytes: number): number {
    const at = this.at;
    if (bytes < 0 || bytes > this.end - at) this.broken = true;
    else this.at = at + bytes;
    return at;
  }

  #outside(): number {
    this.broken = true;
    return 0;
  }
}
