import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesBefore, fourDigits, fourOf, maskBefore, zeroBytes } from '../../../src/trade/byte-words.ts';

const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.integer({ min: 0x2c, max: 0x3a }),
  fc.constantFrom(0, 1, 0x80, 0xff),
);
const four = fc.tuple(byte, byte, byte, byte).map((bytes) => Buffer.from(bytes));

test('the first of a byte is found in a word, and what is before it', () => {
  fc.assert(
    fc.property(four, byte, (bytes, wanted) => {
      const word = bytes.readInt32LE();
      const marks = zeroBytes(word ^ fourOf(wanted));
      const at = bytes.indexOf(wanted);
      expect(marks === 0).toBe(at === -1);
      if (at === -1) return;
      expect(bytesBefore(marks)).toBe(at);
      const before = Buffer.alloc(4);
      bytes.copy(before, 0, 0, at);
      expect(word & maskBefore(marks)).toBe(before.readInt32LE());
    }),
    { numRuns: 2000 },
  );
});

test('four digits are the number that they spell, and nothing else is', () => {
  fc.assert(
    fc.property(four, (bytes) => {
      const text = bytes.toString('latin1');
      expect(fourDigits(bytes.readInt32LE())).toBe(/^\d{4}$/.test(text) ? Number(text) : -1);
    }),
    { numRuns: 5000 },
  );
  for (let number = 0; number < 10_000; number++)
    expect(fourDigits(Buffer.from(String(number).padStart(4, '0')).readInt32LE())).toBe(number);
});
