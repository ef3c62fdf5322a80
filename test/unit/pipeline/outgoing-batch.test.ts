import { expect, test } from '@jest/globals';
import { OutgoingBatch } from '../../../src/pipeline/outgoing-batch.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { tombstone } from '../../../src/trade/rejection.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { LateTrades } from '../../../src/window/trade-columns.ts';
import { CODEC } from '../../support/decode.ts';

const symbols = new SymbolTable();
const codec = tradeCodec(CODEC, symbols);
const INPUT = { topic: 'trades', partition: 3 };

/** The records at offset 40 and on, all with the same key. */
function decoded(values: readonly (string | Uint8Array | null)[], key: Uint8Array | null) {
  const trades = new TradeBatch();
  const bytes = Buffer.concat(values.map((value) => Buffer.from(value ?? '')));
  const offsets = new Float64Array(values.length);
  const rejectedOffsets: number[] = [];
  let at = 0;
  for (const [i, value] of values.entries()) {
    const end = at + Buffer.byteLength(value ?? '');
    const rejected = trades.rejections.length;
    offsets[trades.length] = 40 + i;
    if (value === null) trades.rejections.push(tombstone());
    else codec.decode(bytes, at, end, trades);
    if (trades.rejections.length > rejected) rejectedOffsets.push(40 + i);
    at = end;
  }
  return { bytes, trades, offsets, rejectedOffsets, rejectedKeys: rejectedOffsets.map(() => key) };
}

function deadLettersOf(value: string | Uint8Array | null, key: Uint8Array | null) {
  const outgoing = new OutgoingBatch(INPUT, () => '');
  outgoing.addRejected(decoded([value], key));
  return outgoing.deadLetters.map((letter) => ({
    key: letter.key,
    value: JSON.parse(String(letter.value)) as unknown,
  }));
}

test('a dead letter says where its record stands, what is wrong with which field, and holds key and value', () => {
  const key = Buffer.from('AMC');
  expect(deadLettersOf('AMC,BUY ,twelve,1,1000', key)).toEqual([
    {
      key: Uint8Array.from(key),
      value: {
        topic: 'trades',
        partition: 3,
        offset: 40,
        field: 'price',
        code: 'not-a-number',
        column: 10,
        reason: 'the price is not a number: "twelve"',
        key: 'AMC',
        value: 'AMC,BUY ,twelve,1,1000',
      },
    },
  ]);
});

test('a tombstone is a dead letter of its own kind, without a value', () => {
  expect(deadLettersOf(null, Buffer.from('AMC'))).toMatchObject([
    { value: { code: 'tombstone', key: 'AMC', value: null } },
  ]);
  expect(deadLettersOf('', null)).toMatchObject([{ key: null, value: { code: 'missing-field', value: '' } }]);
});

test('keys and values that are no text come in base64', () => {
  const [{ value }] = deadLettersOf(Uint8Array.of(0xff, 0x2c), Uint8Array.of(0xfe));
  expect(value).toMatchObject({ keyBase64: '/g==', valueBase64: '/yw=' });
  expect(value).not.toHaveProperty('value');
});

test('a late trade says where it stands, and which watermark it missed', () => {
  const outgoing = new OutgoingBatch(INPUT, () => '');
  const late = new LateTrades();
  late.add(1, 9_000);
  outgoing.addLate(late, decoded(['AMC,BUY ,1,1,10000', 'AMC,BUY ,2,1,1000'], null), symbols);
  expect(outgoing.late.map(({ key, value }) => [key, JSON.parse(String(value)) as unknown])).toEqual([
    [
      'AMC',
      {
        topic: 'trades',
        partition: 3,
        offset: 41,
        symbol: 'AMC',
        time: 1_000,
        watermark: 9_000,
        code: 'late',
        reason: 'all windows of its time had closed',
        value: 'AMC,BUY ,2,1,1000',
      },
    ],
  ]);
});
