import { expect, test } from '@jest/globals';
import {
  bytesText,
  clipped,
  countText,
  durationText,
  priceText,
  windowText,
} from '../../../src/sink/for-eyes.ts';
import { changeOf, sparkline } from '../../../src/sink/trend.ts';
import { START_MS } from './results.ts';

test('prices have the decimals that their size asks for', () => {
  expect([0, 1234.5, 1, 0.99999, 0.5, 0.01, 0.001234, -3.14159, Number.NaN].map(priceText)).toEqual([
    ...['0.00', '1234.50', '1.00', '1.0000', '0.5000', '0.0100', '0.001234', '-3.14', '–'],
  ]);
});

test('large counts are rounded', () => {
  expect([0, 999_999, 1e6, 1.234e6, 45_678_901, 9.87e9, 1.5e13, Number.NaN].map(countText)).toEqual([
    ...['0', '999,999', '1.00 M', '1.23 M', '45.7 M', '9.87 G', '15.0 T', '–'],
  ]);
});

test('bytes and durations', () => {
  expect([999, 1_500, 2_500_000, 3.21e9].map(bytesText)).toEqual(['999 B', '1.5 kB', '2.5 MB', '3.2 GB']);
  expect([0, 6_500, 754_000, 3_723_000].map(durationText)).toEqual(['0:00', '0:07', '12:34', '1:02:03']);
});

test('windows are named by the time of day, long ones by the date too', () => {
  expect(windowText(START_MS, START_MS + 3_000)).toBe('10:55:36–10:55:39');
  expect(windowText(START_MS, START_MS + 250)).toBe('10:55:36–10:55:36.250');
  expect(windowText(START_MS, START_MS + 86_400_000)).toBe('08-21 10:55–08-22 10:55');
});

test('what is too long shows its cut', () => {
  expect([clipped('abcdef', 6), clipped('abcdef', 4), clipped('abcdef', 1)]).toEqual(['abcdef', 'abc…', '…']);
});

test('a sparkline spans from the lowest to the highest of what it shows', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 12)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([9, 5, 6], 2)).toBe('▁█');
  expect(sparkline([3, 3, 3], 12)).toBe('▄▄▄');
});

test('a change is against the average before, in at most seven columns', () => {
  expect(changeOf([100, 100.5])).toEqual({ direction: 'up', text: '▲ 0.50%' });
  expect(changeOf([100, 50])).toEqual({ direction: 'down', text: '▼ 50.0%' });
  expect(changeOf([100, 100.001])).toEqual({ direction: 'none', text: '= 0.00%' });
  expect(changeOf([1, 5_000])).toEqual({ direction: 'up', text: '▲ >999%' });
  expect(changeOf([1])).toEqual({ direction: 'none', text: '' });
  for (const to of [1.09994, 1.09996, 1.9994, 1.9996, 10.994, 10.996]) {
    expect(changeOf([1, to]).text.length).toBeLessThanOrEqual(7);
  }
});
