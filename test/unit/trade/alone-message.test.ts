import { expect, test } from '@jest/globals';
import avsc from 'avsc';
import { avroType } from '../../../src/registry/avro-schema.ts';
import { aloneMessages } from '../../../src/trade/alone-message.ts';
import { tradeCodec, type CodecOptions } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC } from '../../support/decode.ts';
import { framed, schemas } from '../../support/registered.ts';

const TRADE = {
  type: 'record',
  name: 'Trade',
  fields: ['symbol', 'price', 'quantity', 'time'].map((name) => ({
    name,
    type: name === 'symbol' ? 'string' : 'long',
  })),
};
const ARRAY = { type: 'array', items: TRADE };
const A = { symbol: 'AMC', price: 3, quantity: 1, time: 1_000 };
const B = { symbol: 'AGL', price: 4, quantity: 2, time: 2_000 };
const BAD = { symbol: '', price: 4, quantity: 2, time: 2_000 };

/** The trades of messages. */
function decode(messages: readonly Uint8Array[], options: CodecOptions) {
  const symbols = new SymbolTable();
  const codec = tradeCodec(options, symbols);
  const trades = new TradeBatch();
  const bytes = Buffer.concat(messages);
  let at = 0;
  for (const { length } of messages) codec.decodeMessage(bytes, at, (at += length), trades);
  const rows = Array.from({ length: trades.length }, (_, row) => ({
    symbol: symbols.name(trades.symbolId[row]),
    price: trades.priceTicks[row],
    quantity: trades.quantityUnits[row],
    time: trades.timeMs[row],
  }));
  return { bytes, trades, rows };
}

/** Takes messages apart; each part must be a message of the one trade. */
function apart(messages: readonly Uint8Array[], options: Partial<CodecOptions>): Buffer[] {
  const all = { ...CODEC, withQuantity: true, ...options };
  const { bytes, trades, rows } = decode(messages, all);
  const aloneAt = aloneMessages(bytes, trades);
  const alone = rows.map((_, row) => Buffer.from(aloneAt(row)));
  expect(alone.map((message) => decode([message], all).rows)).toEqual(rows.map((row) => [row]));
  return alone;
}

/** Several values of the schema as messages, taken apart. */
function avroApart(schema: object, values: readonly unknown[]): Buffer[] {
  const type = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  const known = schemas({ format: 'avro', type: avroType(JSON.stringify(schema)) });
  const messages = values.map((value) => framed(7, type.toBuffer(value)));
  return apart(messages, { format: 'avro', schemas: known });
}

test('an element of an Avro array becomes an array of one, byte for byte; what is no trade is left out', () => {
  const type = avsc.Type.forSchema(ARRAY as never);
  expect(avroApart(ARRAY, [[A, BAD, B], [], [B]])).toEqual(
    [A, B, B].map((trade) => framed(7, type.toBuffer([trade]))),
  );
});

test('so it does where the array, or its elements, are of a union; a record beside it stays as it is', () => {
  const schema = ['null', TRADE, { type: 'array', items: ['null', 'Trade'] }];
  const type = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  const values = [{ Trade: B }, { array: [{ Trade: A }, { Trade: B }] }, { Trade: A }];
  const one = (trade: object): object => ({ array: [{ Trade: trade }] });
  const expected = [{ Trade: B }, one(A), one(B), { Trade: A }];
  expect(avroApart(schema, values)).toEqual(expected.map((value) => framed(7, type.toBuffer(value))));
});

test('blocks that tell their length are taken apart too', () => {
  const known = schemas({ format: 'avro', type: avroType(JSON.stringify(ARRAY)) });
  const type = avsc.Type.forSchema(TRADE as never);
  const [a, b] = [A, B].map((trade) => type.toBuffer(trade));
  const blocks = [Buffer.of(1, a.length * 2), a, Buffer.of(1, b.length * 2), b, Buffer.of(0)];
  const alone = apart([framed(7, Buffer.concat(blocks))], { format: 'avro', schemas: known });
  expect(alone).toEqual([a, b].map((each) => framed(7, Buffer.concat([Buffer.of(2), each, Buffer.of(0)]))));
});

test('an object of a JSON array and a line of CSV go alone as they stand', () => {
  const [a, b] = [JSON.stringify(A), JSON.stringify(B)];
  expect(apart([Buffer.from(`[ ${a} , ${b}]`)], { format: 'json' }).map(String)).toEqual([a, b]);
  const lines = ['AMC,B,3,1,1000', 'AGL,B,4,2,2000'];
  expect(apart([Buffer.from(`${lines.join('\n')}\n`)], { format: 'csv' }).map(String)).toEqual(lines);
});
