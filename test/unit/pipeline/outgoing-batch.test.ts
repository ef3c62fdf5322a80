import { expect, test } from '@jest/globals';
import { OutgoingBatch } from '../../../src/pipeline/outgoing-batch.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { LateTrades } from '../../../src/window/trade-columns.ts';
import { CODEC } from '../../support/decode.ts';
import { decoded } from '../../support/memory-log.ts';

const symbols = new SymbolTable();
const codec = tradeCodec(CODEC, symbols);
const INPUT = { topic: 'trades', partition: 3 };

const TRACE = [
  { key: 'traceparent', value: Buffer.from('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01') },
];

/** The records at offset 40 and on, all with the same key. */
function decodedFrom40(values: readonly (string | Uint8Array)[], key: Uint8Array | null) {
  const records = values.map((value) => ({ key: '', value: '', bytes: Buffer.from(value), headers: TRACE }));
  const found = decoded(records, 40, codec);
  return { ...found, rejectedKeys: found.rejectedOffsets.map(() => key) };
}

function deadLettersOf(value: string | Uint8Array, key: Uint8Array | null) {
  const outgoing = new OutgoingBatch(INPUT, () => '');
  outgoing.addRejected(decodedFrom40([value], key));
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

test('an empty value is a dead letter, and a record without one is none: it is passed over', () => {
  expect(deadLettersOf('', null)).toMatchObject([{ key: null, value: { code: 'missing-field', value: '' } }]);
  const records = decoded([{ key: 'AMC', value: null }], 40, codec);
  const outgoing = new OutgoingBatch(INPUT, () => '');
  outgoing.addRejected(records);
  expect(outgoing.deadLetters).toEqual([]);
  expect(records).toMatchObject({ records: 1, tombstones: 1 });
});

test('late trades and dead letters keep the headers of their records, and with them the trace', () => {
  const outgoing = new OutgoingBatch(INPUT, () => '');
  const late = new LateTrades();
  late.add(0, 9_000);
  const records = decodedFrom40(['AMC,BUY ,1,1,1000', 'AMC'], null);
  outgoing.addLate(late, records, symbols);
  outgoing.addRejected(records);
  expect(outgoing.late.map(({ headers }) => headers)).toEqual([TRACE]);
  expect(outgoing.deadLetters.map(({ headers }) => headers)).toEqual([TRACE]);
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
  outgoing.addLate(late, decodedFrom40(['AMC,BUY ,1,1,10000', 'AMC,BUY ,2,1,1000'], null), symbols);
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
