import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeProtobuf, framed, throughProtobuf } from '../../support/registered.ts';

const TIME_MS = 1_534_848_938_300;
const PLAIN = { symbol: 'AMC', price: 626.05, quantity: 141, timestamp: TIME_MS };

function file(types: { price?: string; quantity?: string; time?: string; symbol?: string }): string {
  const { symbol = 'string', price = 'double', quantity = 'int64', time = 'int64' } = types;
  return `syntax = "proto3";
    package market;
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    enum Ticker { NONE = 0; AMC = 1; }
    message Trade {
      ${symbol} symbol = 1;
      ${price} price = 2;
      ${quantity} quantity = 30;
      ${time} timestamp = 4;
    }`;
}

test.each([
  ['double', 626.05],
  ['float', 626.05],
  ['string', '626.050'],
  ['optional double', 626.05],
  ['google.protobuf.DoubleValue', { value: 626.05 }],
  ['google.protobuf.StringValue', { value: '626.05' }],
])('a price of type %s is read exactly', (price, value) => {
  const { trades, reasons } = throughProtobuf(file({ price }), 'market.Trade', [{ ...PLAIN, price: value }]);
  expect(reasons).toEqual([]);
  expect(trades).toEqual([{ symbol: 'AMC', priceTicks: 62_605, quantityUnits: 141, timeMs: TIME_MS }]);
});

const INTEGERS = ['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64'];

test.each([...INTEGERS, 'sfixed32', 'sfixed64'])(
  'a price of type %s counts in the scale that the pipeline says',
  (price) => {
    const values = [62_605, 0, 2 ** 31 - 1].map((ticks) => ({ ...PLAIN, price: ticks }));
    const { trades } = throughProtobuf(file({ price }), 'market.Trade', values, { priceScale: 2 });
    expect(trades.map(({ priceTicks }) => priceTicks)).toEqual([62_605, 0, 2 ** 31 - 1]);
    if (price.startsWith('u') || price.startsWith('fixed')) return;
    const negative = throughProtobuf(file({ price }), 'market.Trade', [{ ...PLAIN, price: -5 }], {
      priceScale: 2,
    });
    expect(negative.reasons).toEqual(['the price is negative: "-0.05"']);
  },
);

test('a number too large for a double is told with all of its digits', () => {
  const values = [{ ...PLAIN, price: '18446744073709551615' }];
  expect(throughProtobuf(file({ price: 'uint64' }), 'market.Trade', values).reasons[0]).toContain(
    '"18446744073709551615"',
  );
});

test.each([
  ['int64', TIME_MS],
  ['string', `${TIME_MS}`],
  ['google.protobuf.Timestamp', { seconds: 1_534_848_938, nanos: 300_999_999 }],
  ['google.protobuf.Int64Value', { value: TIME_MS }],
])('a time of type %s becomes milliseconds', (time, timestamp) => {
  const { trades, reasons } = throughProtobuf(file({ time }), 'market.Trade', [{ ...PLAIN, timestamp }]);
  expect(reasons).toEqual([]);
  expect(trades[0].timeMs).toBe(TIME_MS);
});

test('a time may be before 1970, and is out of range then', () => {
  const time = 'google.protobuf.Timestamp';
  const values = [{ ...PLAIN, timestamp: { seconds: -1, nanos: 5 } }];
  expect(throughProtobuf(file({ time }), 'market.Trade', values).rejected[0]).toContain('time-out-of-range');
});

test('a symbol may be an enum', () => {
  const { trades } = throughProtobuf(file({ symbol: 'Ticker' }), 'market.Trade', [PLAIN]);
  expect(trades[0].symbol).toBe('AMC');
});

test('proto3 does not write a 0: a price or quantity that is absent is 0, a symbol or time is missing', () => {
  const { trades, reasons } = throughProtobuf(file({}), 'market.Trade', [
    { ...PLAIN, price: 0, quantity: 0 },
    { price: 1, quantity: 1, timestamp: 1 },
    { symbol: 'A', price: 1, quantity: 1 },
  ]);
  expect(trades).toEqual([{ symbol: 'AMC', priceTicks: 0, quantityUnits: 0, timeMs: TIME_MS }]);
  expect(reasons.map((reason) => reason.slice(0, 9))).toEqual(['no symbol', 'no time: ']);
  const optional = file({ price: 'optional double' });
  expect(
    throughProtobuf(optional, 'market.Trade', [{ symbol: 'A', quantity: 1, timestamp: 1 }]).rejected[0],
  ).toMatch(/^missing-field/);
});

const SEVERAL = `syntax = "proto3";
  message Other { int32 x = 1; }
  message Outer {
    enum Kind { A = 0; }
    message First { int32 x = 1; }
    message Trade { string symbol = 1; double price = 2; int64 quantity = 3; int64 time = 4; }
  }`;

test('a record may be any message of the file, also one inside of another', () => {
  const value = { symbol: 'AMC', price: 1, quantity: 1, time: 5 };
  const indexes = [4, 2, 2]; // two of them, zigzag: message 1, and in it message 1
  expect(throughProtobuf(SEVERAL, 'Outer.Trade', [value], { indexes }).trades).toHaveLength(1);
  const nowhere = throughProtobuf(SEVERAL, 'Outer.Trade', [value], { indexes: [2, 8] });
  expect(nowhere.reasons).toEqual(['the schema 7 has no message at the place that the record names']);
});

test('fields that are not needed are passed over, known to the schema or not', () => {
  const rich = `syntax = "proto2";
    message Trade {
      optional string symbol = 1;
      repeated Inner inners = 9;
      map<string, int32> counts = 10;
      optional group Extra = 11 { optional int32 a = 1; optional group Deep = 2 { optional string b = 1; } }
      repeated double doubles = 12 [packed = true];
      optional double price = 1000;
      optional not.Known other = 13;
      optional uint64 time = 14;
      optional fixed32 f = 15;
      message Inner { optional Inner inner = 1; optional bytes data = 2; }
    }`;
  // symbol, inners, counts, the groups, doubles, price 1.5, a field 16 that is not in the file, time 5, f
  const { trades, reasons } = decodeProtobuf(rich, [framed(7, fromHex(RICH_RECORD), [0])], {
    withQuantity: false,
  });
  expect(reasons).toEqual([]);
  expect(trades).toEqual([{ symbol: 'A', priceTicks: 150, quantityUnits: 0, timeMs: 5 }]);
});

const RICH_RECORD =
  '0a0141 4a03 1201ff 5205 0a0178 1003 5b 0801 13 0a0178 14 5c 6208 0000000000000000 c13e 000000000000f83f 8201 02 0000 7005 7d 01000000';

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

test('whatever bytes come, a record is a trade or a dead letter', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
      const { trades, rejected } = decodeProtobuf(file({}), [framed(7, body)]);
      expect(trades.length + rejected.length).toBe(1);
    }),
    { numRuns: 600 },
  );
});

test('what protobufjs writes is read as it was, field by field', () => {
  fc.assert(
    fc.property(
      fc.record({
        symbol: fc.string({ unit: fc.constantFrom('A', 'B', 'Ä', '7', '.'), minLength: 1, maxLength: 12 }),
        price: fc.integer({ min: 0, max: 1e9 }).map((ticks) => ticks / 100),
        quantity: fc.integer({ min: 0, max: 2 ** 40 }),
        timestamp: fc.integer({ min: 1, max: 2 ** 42 }),
      }),
      (trade) => {
        const { trades } = throughProtobuf(file({}), 'market.Trade', [trade]);
        expect(trades).toEqual([
          {
            symbol: trade.symbol,
            priceTicks: Math.round(trade.price * 100),
            quantityUnits: trade.quantity,
            timeMs: trade.timestamp,
          },
        ]);
      },
    ),
    { numRuns: 200 },
  );
});
