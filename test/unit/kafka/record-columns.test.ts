import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PieceDecoder } from '../../../src/kafka/fetched-piece.ts';
import { readRecordBatches } from '../../../src/kafka/record-batch.ts';
import { RecordColumns } from '../../../src/kafka/record-columns.ts';
import { RecordCursor } from '../../../src/kafka/record-cursor.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { CODEC, decodeOne } from '../../support/decode.ts';
import { batchBytes } from '../../support/kafka-batches.ts';

const part = fc.option(fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)));
const gap = fc.constantFrom(1, 1, 1, 200);
const records = fc.array(
  fc.record({
    key: part,
    value: part,
    gap,
    timestampDelta: fc.integer({ min: -5_000_000_000_000, max: 5_000_000_000_000 }),
    headers: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'yy')),
  }),
  { minLength: 1, maxLength: 20 },
);

test('the columns hold what a cursor finds, between any two offsets', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat({ max: 300 }), fc.nat({ max: 3_000 }), async (written, from, length) => {
      let offsetDelta = -1;
      const bytes = await batchBytes({
        firstOffset: 10,
        records: written.map((each) => ({ ...each, offsetDelta: (offsetDelta += each.gap) })),
      });
      const [batch] = readRecordBatches(bytes);
      const columns = new RecordColumns().read(batch, from, from + length);
      const expected: unknown[] = [];
      const cursor = new RecordCursor().open(batch, from);
      while (cursor.next() && cursor.offset < from + length) {
        const { offset, keyStart, keyEnd, valueStart, headersStart } = cursor;
        const key = keyStart < 0 ? null : cursor.bytes.subarray(keyStart, keyEnd);
        expected.push([offset, key, valueStart, headersStart]);
      }
      expect(
        Array.from({ length: columns.count }, (_, i) => [
          ...[columns.offset[i], columns.key(i), columns.start[i], columns.end[i]],
        ]),
      ).toEqual(expected);
    }),
  );
});

const LINES = [
  'A,,1,1,1000',
  'BB,x,2.5,7,2000,late',
  'LONGERSYMBOL,,3,1,3000',
  'A,,one,1,4',
  '"A",,1,1,5000',
  '',
];
const message = fc.oneof(
  fc.constantFrom(...LINES),
  fc.array(fc.constantFrom(...LINES), { minLength: 2, maxLength: 3 }).map((lines) => lines.join('\n')),
);

test.each(['trades', 'rekeyed'] as const)(
  'a batch of %s is decoded as its messages are one by one, each trade at its record',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(message), { minLength: 1, maxLength: 12 }), async (values) => {
        const bytes = await batchBytes({
          firstOffset: 100,
          records: values.map((value, i) => ({
            key: i % 3 === 0 ? null : Buffer.from('k'),
            value: value === null ? null : Buffer.from(value),
            headers: { from: String(i) },
          })),
        });
        const symbols = new SymbolTable();
        const piece = new PieceDecoder(kind).piece({
          ...{ topic: 'trades', partition: 0, askedAtMs: 0, batches: readRecordBatches(bytes) },
          ...{
            fromOffset: 100,
            nextOffset: 112,
            lastStableOffset: 112,
            highWatermark: 112,
            logStartOffset: 0,
          },
        });
        const [decoded] = [...piece.records(tradeCodec(CODEC, symbols), 100, 112)];
        const { trades } = decoded;
        const alone = values.map((value) => (value === null ? undefined : decodeOne(value)));
        expect(
          Array.from({ length: trades.length }, (_, row) => [
            decoded.offsets[row],
            symbols.name(trades.symbolId[row]),
            trades.priceTicks[row],
            trades.timeMs[row],
            Buffer.from(decoded.headersOf(row)[0].value ?? '').toString(),
          ]),
        ).toEqual(
          alone.flatMap((each, i) =>
            (each?.trades ?? []).map((trade) => [
              ...[100 + i, trade.symbol, trade.priceTicks, trade.timeMs, String(i)],
            ]),
          ),
        );
        expect(decoded.rejectedOffsets).toEqual(
          alone.flatMap((each, i) => (each?.rejected ?? []).map(() => 100 + i)),
        );
        expect([decoded.records, decoded.tombstones]).toEqual([
          values.length,
          values.filter((value) => value === null).length,
        ]);
      }),
    );
  },
);
