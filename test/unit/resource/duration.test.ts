import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/resource/duration.ts';

test.each([
  ['500ms', 500],
  ['3s', 3000],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['0s', 0],
])('%s is a duration of %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(['', '3', 's', '3 s', ' 3s', '1.5s', '-3s', '30s1m', '1s1s', '3S', '3sec', '99999999999d'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('a duration is written without parts that are zero', () => {
  expect([0, 1, 1000, 90_000, 86_400_001].map(formatDuration)).toEqual(['0s', '1ms', '1s', '1m30s', '1d1ms']);
});

test('any duration is read as it was written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (durationMs) => {
      expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
    }),
  );
});
