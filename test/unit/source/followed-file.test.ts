import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fileSource } from '../../../src/source/file-source.ts';
import { read, temporaryFolder, type Reading } from './reading.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function followed(name: string): { path: string; reading: Reading } {
  const path = join(folder.path, name);
  return { path, reading: read(fileSource(path, { follow: true })) };
}

test('a file that grows is read as it grows', async () => {
  writeFileSync(join(folder.path, 'growing.csv'), 'one\n');
  const { path, reading } = followed('growing.csv');
  await reading.until((text) => text === 'one\n');
  appendFileSync(path, 'two\nthr');
  await reading.until((text) => text === 'one\ntwo\nthr');
  appendFileSync(path, 'ee\n');
  await reading.until((text) => text === 'one\ntwo\nthree\n');
  await reading.stop();
  expect(reading.error).toBeUndefined();
});

test('a file that does not exist yet is waited for, and its folder too', async () => {
  const { path, reading } = followed('later/trades.csv');
  mkdirSync(join(folder.path, 'later'));
  writeFileSync(path, 'one\n');
  await reading.until((text) => text === 'one\n');
  await reading.stop();
  expect(reading.error).toBeUndefined();
});

test('a file that is replaced is read to its end before the new one', async () => {
  const { path, reading } = followed('rotated.csv');
  writeFileSync(path, 'one\n');
  await reading.until((text) => text === 'one\n');
  // the writer's last words go into the file that has lost its name
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'last');
  writeFileSync(path, 'new\n');
  await reading.until((text) => text.endsWith('new\n'));
  appendFileSync(path, 'newer\n');
  await reading.until((text) => text.endsWith('newer\n'));
  await reading.stop();
  expect(reading.text).toBe('one\nlast|the file was replaced|new\nnewer\n');
});

test('a file that is cut shorter is begun anew', async () => {
  const { path, reading } = followed('cut.csv');
  writeFileSync(path, 'a long first line\n');
  await reading.until((text) => text === 'a long first line\n');
  truncateSync(path);
  await reading.until((text) => text.endsWith('|'));
  appendFileSync(path, 'new\n');
  await reading.until((text) => text.endsWith('new\n'));
  await reading.stop();
  expect(reading.text).toBe('a long first line\n|the file was cut shorter|new\n');
});

test('an abort ends the wait for a file that never comes', async () => {
  const { reading } = followed('never.csv');
  await reading.stop();
  expect(reading).toMatchObject({ text: '', error: undefined });
});

test('a followed source has no end and no total', () => {
  expect(fileSource('any.csv', { follow: true })).toMatchObject({
    name: 'any.csv',
    bounded: false,
    totalBytes: undefined,
  });
});
