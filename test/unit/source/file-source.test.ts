import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync, chmodSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { fileSource } from '../../../src/source/file-source.ts';
import { nearNames } from '../../../src/source/input-error.ts';
import { read, readAll, temporaryFolder } from './reading.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

/** More than two blocks, no two lines alike, so that a block read twice or out of turn shows. */
const LONG = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');

test('a plain file is read byte for byte through the two buffers', async () => {
  const source = fileSource(file('long.csv', LONG));
  const { text, error } = await readAll(source);
  expect(error).toBeUndefined();
  expect(text === LONG).toBe(true);
  expect(source).toMatchObject({ bounded: true, totalBytes: LONG.length, progressBytes: LONG.length });
});

test('a chunk stays as it is while the next block is read', async () => {
  const path = file('blocks.csv', LONG);
  let text = '';
  for await (const chunk of fileSource(path).chunks(new AbortController().signal)) {
    const reread = await open(path); // gives the read ahead the time to do harm
    await reread.close();
    text += Buffer.from(chunk as Uint8Array).toString('latin1');
  }
  expect(text === LONG).toBe(true);
});

test('files shorter than the magic bytes are plain', async () => {
  expect((await readAll(fileSource(file('empty.csv', '')))).text).toBe('');
  expect((await readAll(fileSource(file('one.csv', 'A')))).text).toBe('A');
});

test('a missing file names its likely namesakes', async () => {
  file('trades.csv', '');
  const { error } = await readAll(fileSource(join(folder.path, 'trades.cvs')));
  expect(error).toMatchObject({
    code: 'INPUT_MISSING',
    exitCode: 3,
    remedy: 'Did you mean trades.csv?',
  });
});

test('a missing folder is said to be missing', async () => {
  const { error } = await readAll(fileSource(join(folder.path, 'nowhere', 'trades.csv')));
  expect(error).toMatchObject({ code: 'INPUT_MISSING', remedy: expect.stringContaining('nowhere') });
});

test('a name that lacks its ending is near, one that is quite different is not', () => {
  const names = ['trades.csv', 'trades.csv.gz', 'notes.txt', 'trade.csv'];
  expect(nearNames('trades', names)).toEqual(['trades.csv', 'trades.csv.gz']);
  expect(nearNames('trades.csv.zst', names)).toEqual(['trades.csv.gz']);
  expect(nearNames('prices.json', names)).toEqual([]);
});

test('a folder, and a file used as a folder, are unreadable', async () => {
  const path = join(folder.path, 'folder');
  mkdirSync(path);
  expect((await readAll(fileSource(path))).error).toMatchObject({
    code: 'INPUT_UNREADABLE',
    exitCode: 3,
    message: expect.stringContaining('it is a folder'),
  });
  const below = join(file('plain', ''), 'trades.csv');
  expect((await readAll(fileSource(below))).error).toMatchObject({ code: 'INPUT_UNREADABLE' });
});

test('a file without the right to read it is unreadable', async () => {
  const path = file('secret.csv', 'A');
  chmodSync(path, 0);
  chmodSync(folder.path, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65534); // root may read everything
  const { error } = await readAll(fileSource(path));
  if (isRoot) process.seteuid?.(0);
  expect(error).toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: expect.stringContaining('no permission'),
  });
});

test('the standard input is read to its end, compressed or not, even when its first bytes come one by one', async () => {
  const stdin = new PassThrough();
  const source = fileSource('-', { stdin });
  const reading = read(source);
  const bytes = gzipSync('AMC,BUY ,1.00\n');
  for (const byte of bytes.subarray(0, 5)) stdin.write(Uint8Array.of(byte));
  stdin.end(bytes.subarray(5));
  await reading.ended;
  expect(reading).toMatchObject({ text: 'AMC,BUY ,1.00\n', error: undefined });
  expect(source).toMatchObject({ name: 'stdin', bounded: true, totalBytes: undefined });
  expect(source.progressBytes).toBe(bytes.length);
});

test('a first line of a few bytes is not held back', async () => {
  const stdin = new PassThrough();
  const reading = read(fileSource('-', { stdin }));
  stdin.write('A\n');
  await reading.until((text) => text === 'A\n');
  await reading.stop();
  expect(reading.error).toBeUndefined();
});

test('an abort ends the wait for the standard input without an error, in the middle of compressed data too', async () => {
  for (const bytes of [Buffer.from('plain'), gzipSync(LONG).subarray(0, 1000)]) {
    const stdin = new PassThrough();
    const source = fileSource('-', { stdin });
    const reading = read(source);
    stdin.write(bytes);
    await reading.until(() => source.progressBytes > 0 || stdin.readableLength === 0);
    await reading.stop();
    expect(reading.error).toBeUndefined();
    expect(stdin.destroyed).toBe(true);
  }
});

test('an abort before the start reads nothing', async () => {
  const stdin = new PassThrough();
  const reading = read(fileSource('-', { stdin }));
  await reading.stop();
  expect(reading).toMatchObject({ text: '', error: undefined });
});

test('a consumer that stops early leaves nothing open', async () => {
  const path = file('early.csv', LONG);
  for await (const chunk of fileSource(path).chunks(new AbortController().signal)) {
    expect(chunk).toBeInstanceOf(Uint8Array);
    break;
  }
});

test('a named pipe is read until its writer closes it', async () => {
  const path = join(folder.path, 'pipe');
  execFileSync('mkfifo', [path]);
  const reading = read(fileSource(path));
  const writer = await open(path, 'w');
  await writer.write('first,');
  await reading.until((text) => text === 'first,');
  await writer.write('second\n');
  await writer.close();
  await reading.ended;
  expect(reading).toMatchObject({ text: 'first,second\n', error: undefined });
});

test('an abort ends the wait for a writer that never comes', async () => {
  const path = join(folder.path, 'idle-pipe');
  execFileSync('mkfifo', [path]);
  const reading = read(fileSource(path));
  await reading.stop();
  expect(reading.error).toBeUndefined();
});

test('what does not grow in place cannot be followed', async () => {
  expect(() => fileSource('-', { follow: true })).toThrow(
    expect.objectContaining({ code: 'INPUT_NOT_FOLLOWABLE' }),
  );
  const compressed = fileSource(file('followed.gz', gzipSync('A')), { follow: true });
  expect((await readAll(compressed)).error).toMatchObject({
    code: 'INPUT_NOT_FOLLOWABLE',
    message: expect.stringContaining('gzip'),
  });
  const pipe = join(folder.path, 'followed-pipe');
  execFileSync('mkfifo', [pipe]);
  expect((await readAll(fileSource(pipe, { follow: true }))).error).toMatchObject({
    code: 'INPUT_NOT_FOLLOWABLE',
  });
});
