import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fileSource } from '../../../src/source/file-source.ts';
import { readAll, temporaryFolder, type Reading } from './reading.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const FIRST = Array.from({ length: 4_000 }, (_, i) => `AMC,BUY ,${i}.05,${(i * 7919) % 1000}\n`).join('');
const SECOND = Array.from({ length: 4_000 }, (_, i) => `AGL,SELL,${i}.15,${(i * 104729) % 1000}\n`).join('');

const FORMATS = [
  { format: 'gzip', compressed: (text: string): Buffer => gzipSync(text) },
  {
    format: 'zstd',
    compressed: (text: string): Buffer =>
      zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  },
];

async function readBytes(bytes: Uint8Array): Promise<Reading> {
  const path = join(folder.path, 'trades'); // no ending: the format is told by its first bytes
  writeFileSync(path, bytes);
  return readAll(fileSource(path));
}

describe.each(FORMATS)('$format', ({ format, compressed }) => {
  const first = compressed(FIRST);
  const second = compressed(SECOND);

  test('a file of several members is all of them', async () => {
    const { text, error } = await readBytes(Buffer.concat([first, second, first]));
    expect(error).toBeUndefined();
    expect(text === FIRST + SECOND + FIRST).toBe(true);
  });

  test('progress counts compressed bytes', async () => {
    const path = join(folder.path, 'progress');
    writeFileSync(path, first);
    const source = fileSource(path);
    await readAll(source);
    expect(source).toMatchObject({ totalBytes: first.length, progressBytes: first.length });
  });

  test('output far larger than its input comes whole', async () => {
    const many = 'AMC,BUY ,626.05,141,1534848938300,2018-08-21 20:55:38.3\n'.repeat(400_000);
    const { text, error } = await readBytes(compressed(many));
    expect(error).toBeUndefined();
    expect(text === many).toBe(true);
  });

  test('a file that ends inside its data gives what came before, then says so', async () => {
    const cuts = [3, 5, 10, first.length >> 1, first.length - 5, first.length - 1].filter((cut) => cut >= 4);
    for (const cut of cuts) {
      const { text, error } = await readBytes(first.subarray(0, cut));
      expect(error).toMatchObject({ code: 'INPUT_TRUNCATED', exitCode: 3 });
      expect(FIRST.startsWith(text)).toBe(true);
    }
  });

  test('a cut in the second member loses nothing of the first', async () => {
    const both = Buffer.concat([first, second]);
    for (const into of [1, 2, 4, 9, second.length >> 1, second.length - 1]) {
      const { text, error } = await readBytes(both.subarray(0, first.length + into));
      expect(error).toMatchObject({ code: 'INPUT_TRUNCATED' });
      expect(text.startsWith(FIRST)).toBe(true);
      expect((FIRST + SECOND).startsWith(text)).toBe(true);
    }
  });

  test('damage is noticed wherever it is: header, data, checksum, or something else after the end', async () => {
    const damaged = [
      flipped(first, format === 'gzip' ? 2 : 5),
      flipped(first, first.length >> 1),
      flipped(first, format === 'gzip' ? first.length - 6 : first.length - 2),
      Buffer.concat([first, Buffer.from('something else')]),
    ];
    for (const bytes of damaged) {
      const { error } = await readBytes(bytes);
      expect(error).toMatchObject({
        code: 'INPUT_CORRUPT',
        exitCode: 3,
        remedy: expect.stringContaining(`${format} -t`),
      });
    }
  });

  test('damage after the first member leaves the first member whole', async () => {
    const large = compressed(SECOND.repeat(50));
    const { text, error } = await readBytes(Buffer.concat([first, flipped(large, large.length - 3)]));
    expect(error).toMatchObject({ code: 'INPUT_CORRUPT' });
    expect(text.startsWith(FIRST)).toBe(true);
  });
});

test('zeros after gzip data are padding', async () => {
  const { text, error } = await readBytes(Buffer.concat([gzipSync(FIRST), Buffer.alloc(1000)]));
  expect(error).toBeUndefined();
  expect(text === FIRST).toBe(true);
});

test('what follows the padding of gzip data is read, or damage: never left out in silence', async () => {
  const padding = Buffer.alloc(512);
  const more = await readBytes(Buffer.concat([gzipSync(FIRST), padding, gzipSync(SECOND), padding]));
  expect(more.error).toBeUndefined();
  expect(more.text === FIRST + SECOND).toBe(true);
  const junk = await readBytes(Buffer.concat([gzipSync(FIRST), padding, Buffer.from('A,,1,1,1000,')]));
  expect(junk.error).toMatchObject({ code: 'INPUT_CORRUPT' });
  expect(junk.text === FIRST).toBe(true);
});

test('gzip data that are cut at every place of a small file are never taken for whole', async () => {
  const small = gzipSync('AMC,BUY ,626.05\n');
  for (let cut = 2; cut < small.length; cut++) {
    expect((await readBytes(small.subarray(0, cut))).error).toMatchObject({ code: 'INPUT_TRUNCATED' });
  }
});

function flipped(bytes: Uint8Array, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at] ^= 0xff;
  return damaged;
}
