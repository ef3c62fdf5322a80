import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { decompress } from '../../../src/kafka/compression.ts';
import type { Codec } from '../../../src/kafka/compression.ts';

const text = Buffer.from('AMC,SELL,626.05,141,1534848938300\n'.repeat(5000));
const compressed: Record<Exclude<Codec, 'none'>, Buffer> = {
  gzip: gzipSync(text),
  snappy: compressSync(text),
  lz4: compressFrameSync(text),
  zstd: zstdCompressSync(text),
};
const codecs = Object.keys(compressed) as (keyof typeof compressed)[];

test.each(codecs)('%s is undone', (codec) => {
  expect(decompress(codec, compressed[codec]).equals(text)).toBe(true);
});

test.each(codecs)('%s stops at the limit, and says what to do', (codec) => {
  expect(() => decompress(codec, compressed[codec], text.length / 10)).toThrow(
    expect.objectContaining({ code: 'KAFKA_BATCH_TOO_LARGE', remedy: expect.stringContaining('batch.size') }),
  );
});

test.each(codecs)('%s that is damaged or cut off is refused', (codec) => {
  const cut = compressed[codec].subarray(0, compressed[codec].length / 2);
  const other = Buffer.from('something else altogether, long enough to be a header');
  for (const bytes of [cut, other, Buffer.alloc(0)]) {
    expect(() => decompress(codec, bytes)).toThrow(expect.objectContaining({ code: 'KAFKA_CORRUPT_BATCH' }));
  }
});

/** As SnappyOutputStream of snappy-java writes it: header, then each block behind its length. */
function framed(blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([header, ...parts]);
}

test("snappy in the Java client's framing, of one block, of many, and of none", () => {
  const half = text.length / 2;
  const blocks = [text.subarray(0, half), text.subarray(half)].map((part) => compressSync(part));
  expect(decompress('snappy', framed(blocks)).equals(text)).toBe(true);
  expect(decompress('snappy', framed([compressSync(text)])).equals(text)).toBe(true);
  expect(decompress('snappy', framed([]))).toHaveLength(0);
  expect(() => decompress('snappy', framed(blocks).subarray(0, -1))).toThrow(
    expect.objectContaining({ code: 'KAFKA_CORRUPT_BATCH' }),
  );
});

test('lz4 with checksums, and bytes that do not compress', () => {
  const noise = Buffer.from(
    Array.from({ length: 100_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 24) & 0xff),
  );
  for (const bytes of [text, noise, Buffer.alloc(0)]) {
    const frame = compressFrameSync(bytes, { blockChecksums: true, contentChecksum: true });
    expect(decompress('lz4', frame).equals(bytes)).toBe(true);
  }
});
