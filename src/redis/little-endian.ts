import { endianness } from 'node:os';

/** Doubles lie in memory as they do in a checkpoint, on every machine that Node is published for but one (s390x). */
const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Writes `doubles` at `at`. Returns where the next byte goes. */
export function writeDoubles(bytes: Buffer, at: number, doubles: Float64Array): number {
  const { byteLength } = doubles;
  bytes.set(new Uint8Array(doubles.buffer, doubles.byteOffset, byteLength), at);
  if (!IS_LITTLE_ENDIAN) bytes.subarray(at, at + byteLength).swap64();
  return at + byteLength;
}

/** A copy of the `count` doubles at `at`: a reply's bytes are not aligned. The caller has checked that they are there. */
export function readDoubles(bytes: Buffer, at: number, count: number): Float64Array<ArrayBuffer> {
  const doubles = new Float64Array(count);
  const copy = Buffer.from(doubles.buffer);
  copy.set(bytes.subarray(at, at + copy.length));
  if (!IS_LITTLE_ENDIAN) copy.swap64();
  return doubles;
}
