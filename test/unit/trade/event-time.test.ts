import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_TIME_MS,
  NOT_A_TIME,
  parseTime,
  TIME_OUT_OF_RANGE,
  type TimeUnit,
} from '../../../src/trade/event-time.ts';

function parsed(text: string, unit: TimeUnit): number {
  const bytes = Buffer.from(text);
  return parseTime(bytes, 0, bytes.length, unit);
}

test.each<[string, TimeUnit, number]>([
  ['1534848938300', 'ms', 1534848938300],
  [' 1534848938300 ', 'ms', 1534848938300],
  ['1534848938300.75', 'ms', 1534848938300],
  ['1534848938300999', 'us', 1534848938300],
  ['1534848938300999999', 'ns', 1534848938300],
  ['999', 'us', 0],
  ['0', 'ms', 0],
])('%s in %s', (text, unit, timeMs) => {
  expect(parsed(text, unit)).toBe(timeMs);
});

test('any instant in ISO 8601, in UTC or with an offset, as Date reads it', () => {
  const instant = fc.date({
    min: new Date(86_400_000),
    max: new Date(MAX_TIME_MS - 86_400_001),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offset) => {
      const utc = date.toISOString();
      expect(parsed(utc, 'iso')).toBe(date.getTime());
      expect(parsed(utc.replace('T', ' ').replace('Z', ''), 'iso')).toBe(date.getTime());
      const local = new Date(date.getTime() + offset * 60_000).toISOString().replace('Z', '');
      const sign = offset < 0 ? '-' : '+';
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
        String(n).padStart(2, '0'),
      );
      expect(parsed(`${local}${sign}${hours}:${minutes}`, 'iso')).toBe(date.getTime());
      expect(parsed(`${local}${sign}${hours}${minutes}`, 'iso')).toBe(date.getTime());
    }),
  );
});

test.each([
  ['2018-08-21 20:55:38.3', Date.UTC(2018, 7, 21, 20, 55, 38, 300)],
  ['2018-08-21T20:55:38.123999999Z', Date.UTC(2018, 7, 21, 20, 55, 38, 123)],
  ['2018-08-21T20:55Z', Date.UTC(2018, 7, 21, 20, 55)],
  ['2018-08-21', Date.UTC(2018, 7, 21)],
  ['2018-08-21T20:55:38+10', Date.UTC(2018, 7, 21, 10, 55, 38)],
])('ISO 8601 in short: %s', (text, timeMs) => {
  expect(parsed(text, 'iso')).toBe(timeMs);
});

describe('is no time', () => {
  test.each([
    '',
    'now',
    '2018-02-29',
    '2018-13-01',
    '2018-08-21T24:00',
    '2018-08-21T20:60',
    '2018-08-21T20:55:61',
    '2018-08-21T20:55:38.',
    '2018-08-21T20:55:38X',
    '2018-08-21T20:55:38+1',
    '2018-08-21T20:55:38+10:0',
    '2018/08/21',
    '1534848938300',
  ])('in ISO 8601: %s', (text) => {
    expect(parsed(text, 'iso')).toBe(NOT_A_TIME);
  });

  test.each(['', '-', '12a', '1e3', '1.5.2', '2018-08-21'])('in milliseconds: %s', (text) => {
    expect(parsed(text, 'ms')).toBe(NOT_A_TIME);
  });
});

test('a time before 1970 or after 2199 is out of range', () => {
  expect(parsed('-1', 'ms')).toBe(TIME_OUT_OF_RANGE);
  expect(parsed('1969-12-31', 'iso')).toBe(TIME_OUT_OF_RANGE);
  expect(parsed(String(MAX_TIME_MS), 'ms')).toBe(TIME_OUT_OF_RANGE);
  expect(parsed('1515000000000000', 'ms')).toBe(TIME_OUT_OF_RANGE); // the year 50,000
  expect(parsed(String(MAX_TIME_MS - 1), 'ms')).toBe(MAX_TIME_MS - 1);
});
