import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { BatchBuilder, type RecordPart } from '../../../src/kafka/batch-builder.ts';
import { CODECS, type Codec } from '../../../src/kafka/compression.ts';
import { OutputBatches } from '../../../src/kafka/output-batches.ts';
import { readRecordBatches } from '../../../src/kafka/record-batch.ts';
import { RecordCursor } from '../../../src/kafka/record-cursor.ts';

const part = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })));

test('what is written is read again, whatever keys and values and whichever codec', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(...CODECS),
      (records, codec) => {
        expect(readBack(records, codec)).toEqual(
          records.map(([key, value], offset) => ({ offset, key: bytesOf(key), value: bytesOf(value) })),
        );
      },
    ),
  );
});

test('a batch says whose it is', () => {
  const builder = new BatchBuilder();
  builder.add('AMC', '1');
  const bytes = builder.build(
    { producerId: 2 ** 40, producerEpoch: 7, firstSequence: 9 },
    'none',
    1_534_848_938_300,
  );
  const [batch] = readRecordBatches(bytes);
  expect(batch).toMatchObject({
    producerId: 2 ** 40,
    producerEpoch: 7,
    transactional: true,
    control: false,
    firstTimestampMs: 1_534_848_938_300,
    recordCount: 1,
  });
  expect(bytes.readInt32BE(53)).toBe(9);
});

test("a key's partition is the one that other clients choose", () => {
  const partition = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({ partitionId, leader: 0 }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
      const message = { key, value: '' };
      const expected = partition({ topic: 't', partitionMetadata: partitionMetadata as never, message });
      const records = [{ key, value: '' }];
      expect(new OutputBatches(0).of({ topic: 't', records }, 7)[0].partition).toBe(expected);
      const asBytes = [{ key: Buffer.from(key), value: '' }];
      expect(new OutputBatches(0).of({ topic: 't', records: asBytes }, 7)[0].partition).toBe(expected);
    }),
  );
});

test('many records go into batches that a broker takes, in order; one that is too large is alone', () => {
  const values = Array.from({ length: 9_000 }, (_, i) => `${i}`.padStart(150, '.'));
  values.splice(4_000, 0, 'x'.repeat(2_000_000));
  const records = values.map((value) => ({ key: 'AMC', value }));
  const [{ batches }] = new OutputBatches(0).of({ topic: 't', records }, 1);
  expect(batches.map(({ count }) => count).reduce((sum, count) => sum + count)).toBe(9_001);
  const sizes = batches.map(({ count, size }) => ({ count, size }));
  expect(sizes.filter(({ size }) => size > 1_000_000)).toEqual([{ count: 1, size: expect.any(Number) }]);
});

test('records without a key stay together, and not all inputs choose the same partition', () => {
  const records = [
    { key: null, value: 'a' },
    { key: null, value: 'b' },
  ];
  const partitions = [0, 1, 2, 3].map((input) => new OutputBatches(input).of({ topic: 't', records }, 3));
  expect(partitions.map((ofInput) => ofInput.map(({ partition }) => partition))).toEqual([
    [0],
    [1],
    [2],
    [0],
  ]);
});

test('a record for all goes to each partition, behind the records before it', () => {
  const records = [
    { key: 'AMC', value: 'a' },
    { key: null, value: 'told', toAll: true as const },
    { key: 'AMC', value: 'b' },
  ];
  const batches = new OutputBatches(0).of({ topic: 't', records }, 3);
  expect(batches.map(({ batches: [{ count }] }) => count).sort()).toEqual([1, 1, 3]);
});

function readBack(records: readonly (readonly [RecordPart, RecordPart])[], codec: Codec) {
  const builder = new BatchBuilder();
  for (const [key, value] of records) builder.add(key, value);
  const bytes = builder.build({ producerId: 1, producerEpoch: 0, firstSequence: 0 }, codec, 0);
  const [batch] = readRecordBatches(bytes);
  const cursor = new RecordCursor().open(batch);
  const read: object[] = [];
  while (cursor.next()) {
    const { offset, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    const slice = (start: number, end: number): Buffer | null =>
      start < 0 ? null : Buffer.from(cursor.bytes.subarray(start, end));
    read.push({ offset, key: slice(keyStart, keyEnd), value: slice(valueStart, valueEnd) });
  }
  return read;
}

function bytesOf(value: RecordPart): Buffer | null {
  return value === null ? null : Buffer.from(value as string);
}
