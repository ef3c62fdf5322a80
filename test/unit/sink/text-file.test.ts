import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTextFile } from '../../../src/sink/text-file.ts';
import { temporaryFolder } from './results.ts';

const root = temporaryFolder();
afterAll(root.remove);

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root.path, String(count++));
  mkdirSync(folder);
});

describe('atomic', () => {
  test('the text is in its place after finish and not before', async () => {
    const path = join(folder, 'out.csv');
    const file = await openTextFile(path, { atomic: true });
    await file.write('one\n');
    await file.flush();
    expect(existsSync(path)).toBe(false);
    await file.write(Buffer.from('zwei ☃\n'));
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('one\nzwei ☃\n');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  test('more text than the buffer holds comes whole and in order', async () => {
    const path = join(folder, 'out.csv');
    const file = await openTextFile(path, { atomic: true });
    const pieces = Array.from({ length: 40 }, (_, i) => `${i}`.repeat(i % 7 === 0 ? 50_000 : 3_000));
    for (const piece of pieces) await file.write(piece);
    await file.finish();
    expect(readFileSync(path, 'utf8') === pieces.join('')).toBe(true);
  });

  test('an abandoned run leaves an earlier file alone and nothing of its own', async () => {
    const path = join(folder, 'out.csv');
    writeFileSync(path, 'earlier');
    const file = await openTextFile(path, { atomic: true });
    await file.write('half');
    await file.abandon();
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  test('an earlier file is replaced and its mode kept', async () => {
    const path = join(folder, 'out.csv');
    writeFileSync(path, 'earlier');
    chmodSync(path, 0o640);
    const file = await openTextFile(path, { atomic: true });
    await file.write('later');
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('later');
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('a link stays a link: what it points to is replaced', async () => {
    writeFileSync(join(folder, 'real.csv'), 'earlier');
    symlinkSync('real.csv', join(folder, 'link.csv'));
    const file = await openTextFile(join(folder, 'link.csv'), { atomic: true });
    await file.write('later');
    await file.finish();
    expect(readFileSync(join(folder, 'real.csv'), 'utf8')).toBe('later');
    expect(readdirSync(folder, { withFileTypes: true }).map((entry) => entry.isSymbolicLink())).toEqual([
      true,
      false,
    ]);
  });
});

describe('appended', () => {
  test('a file is created with its first text only', async () => {
    const path = join(folder, 'late.csv');
    const unused = await openTextFile(path, { atomic: false });
    await unused.write('');
    await unused.finish();
    expect(existsSync(path)).toBe(false);
    const file = await openTextFile(path, { atomic: false });
    await file.write('one\n');
    await file.flush();
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    await file.write('two\n');
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  test('text goes behind what is there and stays when the run is abandoned', async () => {
    const path = join(folder, 'late.csv');
    writeFileSync(path, 'earlier\n');
    const file = await openTextFile(path, { atomic: false });
    await file.write('later\n');
    await file.abandon();
    expect(readFileSync(path, 'utf8')).toBe('earlier\nlater\n');
  });
});

describe.each([true, false])('what cannot be written is refused at the start (atomic: %s)', (atomic) => {
  test('a folder, a missing folder, a file used as a folder', async () => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    await expect(openTextFile(join(folder, 'folder'), { atomic })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('it is a folder'),
    });
    await expect(openTextFile(join(folder, 'missing', 'out.csv'), { atomic })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('its folder does not exist'),
    });
    await expect(openTextFile(join(folder, 'file', 'out.csv'), { atomic })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    expect(readdirSync(folder)).toEqual(['file', 'folder']);
  });

  test('a folder or a file without the right to write', async () => {
    const path = join(folder, 'protected.csv');
    writeFileSync(path, 'earlier');
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    chmodSync(root.path, 0o755);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65534); // root may write everything
    const refused = await Promise.allSettled([
      openTextFile(path, { atomic }),
      openTextFile(join(folder, 'new.csv'), { atomic: true }), // appended, it would be asked for by real user id
    ]);
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o755);
    const reason = { code: 'OUTPUT_UNWRITABLE', message: expect.stringContaining('no permission') };
    expect(refused).toMatchObject([{ reason }, { reason }]);
  });
});

describe('pipes and devices', () => {
  test('a device is written to, never replaced', async () => {
    const file = await openTextFile('/dev/null', { atomic: true });
    await file.write('gone');
    await file.finish();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('a full disk is said to be full', async () => {
    const file = await openTextFile('/dev/full', { atomic: true });
    await file.write('more than fits');
    await expect(file.finish()).rejects.toMatchObject({ code: 'OUTPUT_DISK_FULL', exitCode: 1 });
  });

  test('a reader that leaves is said to have left', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const [reader, file] = await Promise.all([open(path, 'r'), openTextFile(path, { atomic: true })]);
    await file.write('read\n');
    await file.flush();
    expect((await reader.read(Buffer.alloc(10), 0, 10)).bytesRead).toBe(5);
    await reader.close();
    await file.write('unread\n');
    await expect(file.flush()).rejects.toMatchObject({ code: 'OUTPUT_CLOSED' });
    await file.abandon();
  });
});
