import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunks } from '../../../src/kafka/send-chunks.ts';

const records = (sizes: readonly number[]): { key: null; value: Buffer }[] =>
  sizes.map((size) => ({ key: null, value: Buffer.alloc(size) }));

test('all records are sent once, in order, and no piece is larger than a broker takes', () => {
  const sizes = fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 300_000 })), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, sizes, (first, second) => {
      const sent = [
        ...chunks([
          { topic: 'averages', records: records(first) },
          { topic: 'late', records: records(second) },
        ]),
      ];
      const messages = sent
        .flat()
        .flatMap(({ topic, messages: of }) => of.map(({ value }) => [topic, value?.length]));
      expect(messages).toEqual([
        ...first.map((size) => ['averages', size]),
        ...second.map((size) => ['late', size]),
      ]);
      for (const chunk of sent) {
        const bytes = chunk
          .flatMap(({ messages: of }) => of)
          .reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
        expect(bytes).toBeLessThanOrEqual(512 * 1024);
      }
    }),
  );
});

test('many small records go in pieces of 2,000', () => {
  const sent = [...chunks([{ topic: 'averages', records: records(Array<number>(4500).fill(60)) }])];
  expect(sent.map((chunk) => chunk[0].messages.length)).toEqual([2000, 2000, 500]);
});

test('nothing to send is no piece', () => {
  expect([...chunks([])]).toEqual([]);
  expect([...chunks([{ topic: 'averages', records: [] }])]).toEqual([]);
});
