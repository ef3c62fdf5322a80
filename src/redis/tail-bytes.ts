import type { CheckpointTail } from '../pipeline/checkpoint.ts';
import { readDoubles, writeDoubles } from './little-endian.ts';

/**
 * Tails, one after the other: the length of the field, the field, the length of the value, the value. One argument
 * for all of them, for a command with an argument per symbol takes the client longer than Redis.
 */
export function encodeTails(tails: readonly CheckpointTail[]): Buffer {
  const fields = tails.map(({ window, symbol }) => `${window}:${symbol}`);
  const bytes = Buffer.allocUnsafe(
    tails.reduce((sum, tail, i) => sum + 8 + Buffer.byteLength(fields[i]) + valueBytes(tail), 0),
  );
  let at = 0;
  for (const [i, tail] of tails.entries()) {
    const fieldBytes = bytes.write(fields[i], at + 4);
    at = bytes.writeUInt32LE(fieldBytes, at) + fieldBytes;
    at = bytes.writeUInt32LE(valueBytes(tail), at);
    at = writeValue(bytes, at, tail);
  }
  return bytes;
}

/** The tail in a field of the hash and its value, or undefined where they are not one. */
export function decodeTail(field: string, bytes: Buffer): CheckpointTail | undefined {
  const name = FIELD.exec(field);
  if (name === null || bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== TAIL_VERSION)
    return undefined;
  const length = bytes.readUInt32LE(4);
  if (bytes.length !== HEADER_BYTES + 3 * length * Float64Array.BYTES_PER_ELEMENT) return undefined;
  const column = (index: number): Float64Array =>
    readDoubles(bytes, HEADER_BYTES + index * length * Float64Array.BYTES_PER_ELEMENT, length);
  return {
    window: Number(name[1]),
    symbol: name[2],
    seen: bytes.readDoubleLE(8),
    timesMs: column(0),
    priceTicks: column(1),
    quantityUnits: column(2),
  };
}

function valueBytes({ timesMs }: CheckpointTail): number {
  return HEADER_BYTES + 3 * timesMs.byteLength;
}

function writeValue(bytes: Buffer, start: number, tail: CheckpointTail): number {
  bytes.writeUInt32LE(TAIL_VERSION, start);
  bytes.writeUInt32LE(tail.timesMs.length, start + 4);
  bytes.writeDoubleLE(tail.seen, start + 8);
  let at = start + HEADER_BYTES;
  for (const column of [tail.timesMs, tail.priceTicks, tail.quantityUnits])
    at = writeDoubles(bytes, at, column);
  return at;
}

const TAIL_VERSION = 1;
const HEADER_BYTES = 16;
const FIELD = /^([0-9]+):(.*)$/s;
