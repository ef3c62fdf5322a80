import type { RecordHeader } from '../pipeline/partition-ports.ts';

/** The headers of the record whose headers begin at `at`, in their order; copies, which outlive the fetched bytes. */
export function readHeaders(bytes: Uint8Array, at: number): RecordHeader[] {
  const place = { at };
  return Array.from({ length: varint(bytes, place) }, () => {
    const key = TEXT.decode(part(bytes, place) ?? NOTHING);
    const value = part(bytes, place);
    return { key, value: value && Uint8Array.from(value) };
  });
}

function part(bytes: Uint8Array, place: { at: number }): Uint8Array | null {
  const length = varint(bytes, place);
  if (length < 0) return null;
  const start = place.at;
  place.at += length;
  return bytes.subarray(start, place.at);
}

/** Zigzag, at most 32 bits. */
function varint(bytes: Uint8Array, place: { at: number }): number {
  let byte = bytes[place.at++];
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
    byte = bytes[place.at++];
    value |= (byte & 0x7f) << shift;
  }
  return (value >>> 1) ^ -(value & 1);
}

const NOTHING = new Uint8Array(0);
const TEXT = new TextDecoder();
