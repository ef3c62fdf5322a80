import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatMetadata, NO_METADATA, parseMetadata } from '../../../src/pipeline/offset-metadata.ts';

test('what is written is read again, and fits into what brokers keep', () => {
  const timeMs = fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.nat({ max: 2 ** 43 }));
  const metadata = fc.record(
    {
      watermarkMs: timeMs,
      floor: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      coversFromMs: timeMs,
      epoch: fc.bigInt({ min: 0n, max: 2n ** 63n }),
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
])('what others have written is not taken for ours: %s', (text) => {
  expect(parseMetadata(text)).toBeUndefined();
});
