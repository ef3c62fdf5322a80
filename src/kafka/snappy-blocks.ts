import { uncompressSync } from 'snappy';
import { UnpackLimitError } from './unpack-limit.ts';

/**
 * Snappy as Kafka's clients write it: blocks framed by snappy-java (the Java client), or one raw block (librdkafka).
 * Frame: 16 bytes of header (`82 SNAPPY 00`, version, lowest compatible version), then length and block in turn
 * (https://github.com/xerial/snappy-java, SnappyOutputStream). Throws an UnpackLimitError above `maxBytes`.
 */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = isFramed(bytes) ? framedBlocks(bytes) : [bytes];
  let length = 0;
  for (const block of blocks) length += uncompressedLength(block);
  if (length > maxBytes) throw new UnpackLimitError(`Unpacks to ${length} bytes.`);

  if (blocks.length === 1) return uncompress(blocks[0]);
  const whole = Buffer.allocUnsafe(length);
  let at = 0;
  for (const block of blocks) at += uncompress(block).copy(whole, at);
  return whole;
}

const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER_BYTES = 16;

function isFramed(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

function framedBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new Error(`A block ends at byte ${end} of ${bytes.length}.`);
    blocks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

function uncompress(block: Buffer): Buffer {
  return uncompressSync(block, { asBuffer: true }) as Buffer;
}

/** A raw block begins with its uncompressed length as a little-endian varint of 32 bits. */
function uncompressedLength(block: Buffer): number {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  throw new Error('The length at the start of a block has more than five bytes.');
}
