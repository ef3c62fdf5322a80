import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressForKafkajs } from '../../../src/kafka/compress.ts';
import { readRecordBatches } from '../../../src/kafka/record-batch.ts';
import { batchBytes, decodeWithKafkajs, walk } from '../../support/kafka-batches.ts';

Object.assign(CompressionCodecs, {
  [CompressionTypes.Snappy]: compressForKafkajs('snappy'),
  [CompressionTypes.LZ4]: compressForKafkajs('lz4'),
  [CompressionTypes.ZSTD]: compressForKafkajs('zstd'),
});
const CODECS = ['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  timestampDelta: fc.integer({ min: -5_000_000_000_000, max: 5_000_000_000_000 }),
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), bytes, { maxKeys: 3 }),
});
const batch = fc.record({
  firstOffset: fc.maxSafeNat(),
  firstTimestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  maxTimestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  appendTime: fc.boolean(),
  records: fc.array(record, { minLength: 1, maxLength: 20 }),
});

test.each(CODECS)('finds what kafkajs finds, whatever the records: %s', async (codec) => {
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
      const written = batches.map((one) => batchBytes({ ...one, compression: CompressionTypes[codec] }));
      const fetched = Buffer.concat(await Promise.all(written));
      const expected = await decodeWithKafkajs(fetched);
      expect(walk(readRecordBatches(fetched))).toEqual(
        expected.map(({ isControlRecord, ...found }) => (expect(isControlRecord).toBe(false), found)),
      );
    }),
    { numRuns: 60 },
  );
});

const value = (text: string): { key: null; value: Buffer } => ({ key: null, value: Buffer.from(text) });

test('a last batch that the fetch limit has cut off is left out, wherever the cut is', async () => {
  const whole = await batchBytes({ firstOffset: 10, records: [value('a'), value('b')] });
  const cut = await batchBytes({ firstOffset: 12, records: [value('c'), value('d')] });
  for (let length = 0; length < cut.length; length++) {
    const found = walk(readRecordBatches(Buffer.concat([whole, cut.subarray(0, length)])));
    expect(found.map((read) => read.value)).toEqual(['a', 'b']);
  }
  expect(walk(readRecordBatches(Buffer.concat([whole, cut])))).toHaveLength(4);
});

test('records below the position are skipped inside a batch, and gaps of compaction do not matter', async () => {
  //  offsets   10──11──────14──15        read from 11, then from 12
  const records = [0, 1, 4, 5].map((offsetDelta) => ({ ...value(`${offsetDelta}`), offsetDelta }));
  const batches = readRecordBatches(await batchBytes({ firstOffset: 10, records }));
  expect(walk(batches, 11).map(({ offset }) => offset)).toEqual([11, 14, 15]);
  expect(walk(batches, 12).map(({ offset }) => offset)).toEqual([14, 15]);
  expect(batches[0].lastOffset).toBe(15);
  expect(batches[0].recordCount).toBe(4);
});

test('where the broker sets the time, all records of a batch have the same', async () => {
  const records = [1, 2].map((timestampDelta) => ({ ...value('a'), timestampDelta }));
  const times = { firstTimestampMs: 100, maxTimestampMs: 900 };
  const byProducer = readRecordBatches(await batchBytes({ ...times, records }));
  const byBroker = readRecordBatches(await batchBytes({ ...times, records, appendTime: true }));
  expect(walk(byProducer).map(({ timestampMs }) => timestampMs)).toEqual([101, 102]);
  expect(walk(byBroker).map(({ timestampMs }) => timestampMs)).toEqual([900, 900]);
});

test('null and empty are not the same', async () => {
  const records = [
    { key: null, value: Buffer.alloc(0) },
    { key: Buffer.alloc(0), value: null },
  ];
  const found = walk(readRecordBatches(await batchBytes({ records })));
  expect(found.map(({ key, value: read }) => [key, read])).toEqual([
    [null, ''],
    ['', null],
  ]);
});

describe('what is refused', () => {
  test.each([0, 1])('message format %i, by name', async (magic) => {
    const fetched = await batchBytes({ firstOffset: 7, records: [value('a')] });
    fetched.writeInt8(magic, 16);
    expect(() => readRecordBatches(fetched)).toThrow(
      expect.objectContaining({ code: 'KAFKA_OLD_FORMAT', message: expect.stringContaining('offset 7') }),
    );
  });

  test('a format that is not known, and a batch shorter than its header', async () => {
    const fetched = await batchBytes({ records: [value('a')] });
    fetched.writeInt8(3, 16);
    expect(() => readRecordBatches(fetched)).toThrow(
      expect.objectContaining({ code: 'KAFKA_CORRUPT_BATCH' }),
    );
    fetched.writeInt8(2, 16);
    fetched.writeInt32BE(20, 8);
    expect(() => readRecordBatches(fetched)).toThrow(
      expect.objectContaining({ code: 'KAFKA_CORRUPT_BATCH' }),
    );
  });

  test('records whose lengths lie', async () => {
    const fetched = await batchBytes({ records: [value('aaaa'), value('bbbb')] });
    for (const at of [61, 65, 66]) {
      const lying = Buffer.from(fetched);
      lying[at] = 0x7e; // 63
      expect(() => walk(readRecordBatches(lying))).toThrow(
        expect.objectContaining({ code: 'KAFKA_CORRUPT_BATCH' }),
      );
    }
  });

  test('random damage is refused or read, but never loops or runs over the end', async () => {
    const intact = await batchBytes({ records: Array.from({ length: 20 }, (_, i) => value(`value ${i}`)) });
    fc.assert(
      fc.property(
        fc.integer({ min: 61, max: intact.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        (at, byte) => {
          const damaged = Buffer.from(intact);
          damaged[at] = byte;
          const outcome = attempt(() => walk(readRecordBatches(damaged)).length);
          expect(['read', 'KAFKA_CORRUPT_BATCH']).toContain(outcome);
        },
      ),
    );
  });

  test('a codec that Kafka does not have', async () => {
    const fetched = await batchBytes({ records: [value('a')] });
    fetched.writeInt16BE(5, 21);
    expect(() => readRecordBatches(fetched)).toThrow(
      expect.objectContaining({ code: 'KAFKA_UNKNOWN_CODEC' }),
    );
  });
});

function attempt(read: () => void): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
