import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MOST_REKEYED_PARTITIONS } from '../../../src/resource/kafka-names.ts';
import { formatMetadata, NO_METADATA, parseMetadata } from '../../../src/pipeline/offset-metadata.ts';

test('what is written is read again, and fits into what brokers keep', () => {
  const timeMs = fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.nat({ max: 2 ** 43 }));
  const metadata = fc.record(
    {
      watermarkMs: timeMs,
      floor: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      coversFromMs: timeMs,
      epoch: fc.bigInt({ min: 0n, max: 2n ** 63n }),
      sources: fc.array(fc.record({ watermarkMs: timeMs, isIdle: fc.boolean() }), {
        minLength: 1,
        maxLength: MOST_REKEYED_PARTITIONS,
      }),
      split: fc.record({
        count: fc.nat({ max: 500_000 }),
        symbol: fc.string({ maxLength: 64 }),
        otherPartition: fc.nat({ max: 10_000 }),
      }),
    },
    { requiredKeys: ['watermarkMs', 'floor', 'epoch'] },
  );
  fc.assert(
    fc.property(metadata, (each) => {
      expect(parseMetadata(formatMetadata(each))).toEqual(each);
      expect(formatMetadata(each).length).toBeLessThan(4_096);
    }),
  );
  expect(parseMetadata(formatMetadata(NO_METADATA))).toEqual(NO_METADATA);
});

test('the watermarks of as many sources as there may be fit, however far apart they are', () => {
  const sources = Array.from({ length: MOST_REKEYED_PARTITIONS }, (_, i) => ({
    watermarkMs: 1_534_848_938_000 + i * 86_400_000,
    isIdle: true,
  }));
  const text = formatMetadata({ ...NO_METADATA, floor: Number.MAX_SAFE_INTEGER, sources });
  expect(Buffer.byteLength(text)).toBeLessThan(4_096);
});

test.each([
  '',
  'x',
  'null',
  '[]',
  '{}',
  '{"v":2,"w":1,"f":1,"e":"1"}',
  '{"v":1,"w":"1","f":1,"e":"1"}',
  '{"v":1,"w":1,"f":1,"e":"-1"}',
  '{"v":1,"w":1,"f":1,"n":"1","e":"1"}',
  '{"v":1,"w":1,"f":1,"e":"1","s":"1,x y"}',
])('what others have written is not taken for ours: %s', (text) => {
  expect(parseMetadata(text)).toBeUndefined();
});
