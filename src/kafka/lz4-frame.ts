import { decompressFrameSync } from 'lz4-napi';
import { UnpackLimitError } from './unpack-limit.ts';

/**
 * LZ4 in its frame format, as Kafka uses it since message format 2. The frame's blocks are counted first, for the
 * library itself has no limit: `blocks × block size` bounds what comes out. Throws an UnpackLimitError above `maxBytes`.
 */
export function decompressLz4Frame(bytes: Buffer, maxBytes: number): Buffer {
  const length = longestOutput(bytes);
  if (length > maxBytes) throw new UnpackLimitError(`May unpack to ${length} bytes.`);
  return decompressFrameSync(bytes);
}

const MAGIC = 0x184d2204;
const UNCOMPRESSED = 0x80000000;

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function longestOutput(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Error('The LZ4 frame does not begin with its magic number.');
  const flags = bytes.readUInt8(4);
  const blockChecksums = (flags & 0x10) !== 0;
  const contentSize = (flags & 0x08) !== 0;
  const dictionaryId = (flags & 0x01) !== 0;
  const blockBytes = 2 ** (8 + 2 * ((bytes.readUInt8(5) >> 4) & 0x7));

  let length = 0;
  let at = 7 + (contentSize ? 8 : 0) + (dictionaryId ? 4 : 0);
  for (let size = bytes.readUInt32LE(at); size !== 0; size = bytes.readUInt32LE(at)) {
    const stored = size >= UNCOMPRESSED ? size - UNCOMPRESSED : size;
    length += size >= UNCOMPRESSED ? stored : Math.min(blockBytes, stored * MAX_RATIO);
    at += 4 + stored + (blockChecksums ? 4 : 0);
  }
  return length;
}

/** One byte of a match's length stands for 255 bytes at most. */
const MAX_RATIO = 255;
