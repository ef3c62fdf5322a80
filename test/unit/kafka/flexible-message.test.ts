import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FlexibleReader } from '../../../src/kafka/flexible-reader.ts';
import { FlexibleWriter } from '../../../src/kafka/flexible-writer.ts';

test('fields are written as the protocol has them', () => {
  const writer = new FlexibleWriter()
    .int16(-2)
    .int32(258)
    .int64(-1n)
    .boolean(true)
    .string('AMC')
    .string(null)
    .string('')
    .bytes(Buffer.of(7));
  writer.array([300], (item) => writer.unsigned(item)).noTags();
  expect(writer.toBuffer().toString('hex')).toBe(
    ['fffe', '00000102', 'ffffffffffffffff', '01', '04414d43', '00', '01', '0207', '02ac02', '00'].join(''),
  );
});

test('what is written is read back', () => {
  const message = fc.record({
    short: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    int: fc.integer(),
    long: fc.maxSafeInteger(),
    text: fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => text.isWellFormed()),
    items: fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 200 }),
  });
  fc.assert(
    fc.property(message, ({ short, int, long, text, items }) => {
      const writer = new FlexibleWriter().int16(short).int32(int).int64(BigInt(long)).string(text);
      const written = writer.array(items, (item) => writer.unsigned(item)).noTags();
      const reader = new FlexibleReader(written.toBuffer());
      const read = {
        short: reader.int16(),
        int: reader.int32(),
        long: reader.int64(),
        text: reader.string(),
        items: reader.array(() => reader.unsigned()),
      };
      expect(read).toEqual({ short, int, long, text, items });
    }),
  );
});

test('fields that only a newer broker sends are passed over, and those that are known are shown', () => {
  const field = (text: string): Buffer => new FlexibleWriter().string(text).toBuffer();
  const [unknown, known] = [field('unknown'), field('known')];
  const tagged = new FlexibleWriter().unsigned(2);
  tagged.unsigned(9).unsigned(unknown.length).buffer(unknown);
  tagged.unsigned(2).unsigned(known.length).buffer(known);
  const reader = new FlexibleReader(tagged.int16(77).toBuffer());
  const shown: string[] = [];
  reader.tags((tag, value) => {
    if (tag === 2) shown.push(value.string());
  });
  expect(shown).toEqual(['known']);
  expect(reader.int16()).toBe(77);
});
