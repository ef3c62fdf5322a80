import { expect, test } from '@jest/globals';
import { parseStartAt } from '../../../src/cli/start-at.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 14, 30);

test.each([
  ['beginning', { kind: 'beginning' }],
  ['end', { kind: 'end' }],
  ['4711', { kind: 'offset', offset: 4711 }],
  ['-10m', { kind: 'time', timeMs: NOW_MS - 600_000 }],
  ['-1h30m', { kind: 'time', timeMs: NOW_MS - 5_400_000 }],
  ['2026-03-01', { kind: 'time', timeMs: Date.UTC(2026, 2, 1) }],
  ['2026-03-01T14:00', { kind: 'time', timeMs: NOW_MS - 1_800_000 }],
  ['2026-03-01T14:00:00.5', { kind: 'time', timeMs: NOW_MS - 1_799_500 }],
  ['2026-03-01T16:00:00+02:00', { kind: 'time', timeMs: NOW_MS - 1_800_000 }],
])('--from %s', (text, expected) => {
  expect(parseStartAt(text, NOW_MS)).toEqual(expected);
});

test.each(['', 'yesterday', '-', '-10', '10m', '2026-13-01', '2026-03-01 14:00'])(
  '--from %j is refused',
  (text) => {
    expect(() => parseStartAt(text, NOW_MS)).toThrow('is expected');
  },
);
