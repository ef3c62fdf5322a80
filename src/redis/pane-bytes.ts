import type { CheckpointPane } from '../pipeline/checkpoint.ts';
import { readDoubles, writeDoubles } from './little-endian.ts';

/**
 * A pane as one member of a sorted set; docs/checkpoint-layout.md has the layout.
 *
 * Hot path, as a save of ten thousand symbols must not hold up trades: names are joined and split as one text, which
 * the engine does natively, and figures are copied as they lie. Two panes of 10,000 symbols take 0.6 ms; their names
 * alone, copied one by one from a cache of encoded ones, take 3 ms (bench/redis-restore.ts).
 */
export function encodePane({ startMs, symbols, figures }: CheckpointPane): Buffer {
  const names = symbols.join(SEPARATOR);
  const namesBytes = Buffer.byteLength(names);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + namesBytes + figures.byteLength);
  bytes.writeDoubleLE(startMs, 0);
  bytes.writeUInt32LE(PANE_VERSION, 8);
  bytes.writeUInt32LE(symbols.length, 12);
  bytes.writeUInt32LE(namesBytes, 16);
  bytes.writeUInt32LE(figures.length, 20);
  bytes.write(names, HEADER_BYTES);
  writeDoubles(bytes, HEADER_BYTES + namesBytes, figures);
  return bytes;
}

/** The pane in `bytes`, or undefined where they are not one. */
export function decodePane(bytes: Buffer): CheckpointPane | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(8) !== PANE_VERSION) return undefined;
  const count = bytes.readUInt32LE(12);
  const figuresAt = HEADER_BYTES + bytes.readUInt32LE(16);
  const figuresCount = bytes.readUInt32LE(20);
  if (bytes.length !== figuresAt + figuresCount * Float64Array.BYTES_PER_ELEMENT) return undefined;
  const symbols = count === 0 ? [] : bytes.toString('utf8', HEADER_BYTES, figuresAt).split(SEPARATOR);
  if (symbols.length !== count) return undefined;
  return {
    startMs: bytes.readDoubleLE(0),
    symbols,
    figures: readDoubles(bytes, figuresAt, figuresCount),
  };
}

const PANE_VERSION = 1;
const HEADER_BYTES = 24;
/** A symbol has no control characters (trade/symbol-table.ts). */
const SEPARATOR = '\n';
