import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { neededFromMs, withFloorFor } from '../../../src/pipeline/replay-floor.ts';
import { lastEndWith, type TimeWindow } from '../../../src/window/time-window.ts';

const timeWindow = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([a, b]): TimeWindow => ({ kind: 'time', sizeMs: Math.max(a, b), slideMs: Math.min(a, b) }));
const THREE: TimeWindow = { kind: 'time', sizeMs: 3_000, slideMs: 1_000 };
const TEN: TimeWindow = { kind: 'time', sizeMs: 10_000, slideMs: 2_000 };

test('a trade is in an open window exactly from the needed time on', () => {
  fc.assert(
    fc.property(
      fc.array(timeWindow, { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 200 }),
      (windows, watermarkMs) => {
        const isOpen = (timeMs: number) =>
          windows.some((window) => lastEndWith(window, timeMs) > watermarkMs);
        const fromMs = neededFromMs(windows, watermarkMs);
        expect(isOpen(fromMs)).toBe(true);
        expect(isOpen(fromMs - 1)).toBe(false);
      },
    ),
  );
});

test('the floor stays while the windows need no earlier trade than those before', () => {
  const before = {
    watermarkMs: 60_400,
    floor: 700,
    coversFromMs: neededFromMs([THREE, TEN], 60_400),
    epoch: 4n,
  };
  expect(withFloorFor([THREE, TEN], before)).toBe(before);
  expect(withFloorFor([THREE], before)).toBe(before);
});

test('for a window that reaches further back, or counts, the replay begins at the first record', () => {
  const before = { watermarkMs: 60_400, floor: 700, coversFromMs: neededFromMs([THREE], 60_400), epoch: 4n };
  const fromTheStart = { ...before, floor: 0, coversFromMs: -Infinity };
  expect(withFloorFor([THREE, TEN], before)).toEqual(fromTheStart);
  expect(withFloorFor([{ ...THREE, slideMs: 500 }], before)).toEqual(fromTheStart);
  expect(withFloorFor([THREE, { kind: 'count', trades: 10, every: 1 }], before)).toEqual(fromTheStart);
});

test('once it has begun there it need not again, and what an older version wrote is believed', () => {
  const legacy = { watermarkMs: 60_400, floor: 700, epoch: 4n };
  expect(withFloorFor([TEN], legacy)).toBe(legacy);
  const covered = { ...legacy, floor: 0, coversFromMs: -Infinity };
  expect(withFloorFor([TEN], covered)).toBe(covered);
});
