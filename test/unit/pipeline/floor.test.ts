import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Floor } from '../../../src/pipeline/floor.ts';

const never = (): boolean => false;

test('nothing open: a replay begins at the position', () => {
  expect(new Floor().at(17, never)).toBe(17);
});

test('the floor is the first batch that still has an open window, also when later ones have closed', () => {
  const floor = new Floor();
  floor.add(0, 1_000);
  floor.add(10, 9_000);
  floor.add(20, 2_000);
  expect(floor.at(30, (timeMs) => timeMs < 5_000)).toBe(10);
  expect(floor.at(30, (timeMs) => timeMs < 9_500)).toBe(30);
});

test('however many batches: never above an open one, and it rises to the position when all have closed', () => {
  const batches = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 5_000 });
  fc.assert(
    fc.property(batches, fc.nat({ max: 50 }), (jitters, open) => {
      const floor = new Floor();
      const times = jitters.map((jitter, i) => i + jitter);
      for (const [i, timeMs] of times.entries()) floor.add(i * 10, timeMs);
      const closedBelow = times.length - open;
      const firstOpen = times.findIndex((timeMs) => timeMs >= closedBelow);
      const position = times.length * 10;
      expect(floor.at(position, (timeMs) => timeMs < closedBelow)).toBeLessThanOrEqual(
        firstOpen === -1 ? position : firstOpen * 10,
      );
      expect(floor.at(position, () => true)).toBe(position);
    }),
  );
});
