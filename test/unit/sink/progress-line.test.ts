import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { progressLine, progressText } from '../../../src/sink/progress-line.ts';
import { Screen } from './results.ts';

const HALF = { bytes: 1.2e9, totalBytes: 2.4e9, trades: 20_000_000 };

test('a line says how far it is, how fast and how long it will take', () => {
  expect(progressText(HALF, 10_000, 80)).toBe(
    '████████████░░░░░░░░░░░░   50%  1.2 GB of 2.4 GB  2.00 M trades/s  0:10 left',
  );
});

test('a narrow terminal has a shorter bar, then none, then fewer figures', () => {
  expect(progressText(HALF, 10_000, 60)).toBe('████░░░   50%  1.2 GB of 2.4 GB  2.00 M trades/s  0:10 left');
  expect(progressText(HALF, 10_000, 55)).toBe(' 50%  1.2 GB of 2.4 GB  2.00 M trades/s  0:10 left');
  expect(progressText(HALF, 10_000, 45)).toBe(' 50%  1.2 GB of 2.4 GB  2.00 M trades/s');
  for (let columns = 5; columns < 120; columns++) {
    expect(progressText(HALF, 10_000, columns).length).toBeLessThan(columns);
  }
});

test('without a known end there is no share of it', () => {
  expect(progressText({ ...HALF, totalBytes: undefined }, 10_000, 80)).toBe('1.2 GB  2.00 M trades/s');
});

test('a file that grew while it was read is at most whole', () => {
  expect(progressText({ ...HALF, bytes: 3e9 }, 10_000, 80)).toContain('100%');
});

test('before the first byte there is no time left to tell', () => {
  expect(progressText({ bytes: 0, totalBytes: 1000, trades: 0 }, 1_000, 80)).not.toContain('left');
});

test('a longer run shows its line and clears it in the end', async () => {
  const screen = new Screen(true);
  const line = progressLine(screen, () => HALF);
  const alive = setInterval(() => undefined, 50); // the line's own timer holds up no exit, nor a test
  await once(screen, 'written');
  clearInterval(alive);
  expect(stripVTControlCharacters(screen.text)).toContain('50%');
  line.stop();
  expect(screen.text.endsWith('\u001b[?2026l')).toBe(true);
  const { text } = screen;
  line.stop();
  expect(stripVTControlCharacters(screen.text.slice(text.length))).toBe('');
});

test('a short run and a stream that is no terminal show nothing', () => {
  const screen = new Screen(true);
  progressLine(screen, () => HALF).stop();
  expect(screen.text).toBe('');
  const file = new Screen(false);
  progressLine(file, () => HALF).stop();
  expect(file.text).toBe('');
});
