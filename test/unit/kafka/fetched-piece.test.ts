import { expect, test } from '@jest/globals';
import { PieceDecoder, type RecordKind } from '../../../src/kafka/fetched-piece.ts';
import { readRecordBatches } from '../../../src/kafka/record-batch.ts';
import { formatProgress } from '../../../src/pipeline/source-progress.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { CODEC } from '../../support/decode.ts';
import { batchBytes } from '../../support/kafka-batches.ts';

/** Decodes one batch whose first record has the offset 10. */
async function decoded(kind: RecordKind, records: readonly (readonly [string | null, string])[]) {
  const bytes = await batchBytes({
    firstOffset: 10,
    records: records.map(([key, value]) => ({
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
    })),
  });
  const piece = new PieceDecoder(kind).piece({
    ...{ topic: 'trades', partition: 0, askedAtMs: 0, fromOffset: 10, batches: readRecordBatches(bytes) },
    ...{ nextOffset: 20, lastStableOffset: 20, highWatermark: 20, logStartOffset: 0 },
  });
  const symbols = new SymbolTable();
  return [...piece.records(tradeCodec(CODEC, symbols), 10, 20)].map(
    ({ trades, offsets, rejectedOffsets, progress }) => ({
      trades: Array.from({ length: trades.length }, (_, row) => [
        offsets[row],
        symbols.name(trades.symbolId[row]),
        trades.timeMs[row],
      ]),
      rejected: trades.rejections.map(({ code }, i) => [rejectedOffsets[i], code]),
      progress,
    }),
  )[0];
}

test('a record of several lines is as many trades, each at its offset, and a bad line spoils no other', async () => {
  const { trades, rejected } = await decoded('trades', [
    [null, 'A,,1,1,1000\nB,,1,1,1001\n'],
    [null, 'A,,1,1,1002\r\nA,,one,1,1003\n\nB,,1,1,1004'],
    [null, 'A,,1,1,1005'],
  ]);
  expect(trades).toEqual([
    ...[
      [10, 'A', 1_000],
      [10, 'B', 1_001],
    ],
    ...[
      [11, 'A', 1_002],
      [11, 'B', 1_004],
    ],
    [12, 'A', 1_005],
  ]);
  expect(rejected).toEqual([[11, 'not-a-number']]);
});

test.each(['', '\n'])('a record of no line is no trade, and not lost: %j', async (value) => {
  const { trades, rejected } = await decoded('trades', [[null, value]]);
  expect(trades).toEqual([]);
  expect(rejected).toEqual([[10, expect.any(String)]]);
});

test('more lines than records need no more room than there is', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `A,,1,1,${i}`);
  const { trades } = await decoded('trades', [[null, lines.join('\n')]]);
  expect(trades).toHaveLength(10_000);
  expect(trades.at(-1)).toEqual([10, 'A', 9_999]);
});

test('between re-keyed trades stands how far their sources are; what else has no key is no trade', async () => {
  const told = { source: 3, watermarkMs: 5_000, isIdle: true };
  const { trades, rejected, progress } = await decoded('rekeyed', [
    ['A', 'A,,1,1,6000'],
    [null, formatProgress(told)],
    [null, 'anything'],
    [null, '{"source":-1,"watermark":1,"idle":false}'],
    ['B', 'B,,1,1,6001'],
  ]);
  expect(trades).toEqual([
    [10, 'A', 6_000],
    [14, 'B', 6_001],
  ]);
  expect(progress).toEqual([told]);
  expect(rejected.map(([offset]) => offset)).toEqual([12, 13]);
});
