import { expect, test } from '@jest/globals';
import avsc from 'avsc';
import fc from 'fast-check';
import { decodeAvro, framed, schemas, throughAvro } from '../../support/registered.ts';
import { decodeAll } from '../../support/decode.ts';

const TIME_MS = 1_534_848_938_300;

function record(types: { symbol?: unknown; price?: unknown; quantity?: unknown; time?: unknown }): object {
  const { symbol = 'string', price = 'double', quantity = 'long', time = 'long' } = types;
  return {
    type: 'record',
    name: 'Trade',
    namespace: 'market',
    fields: [
      { name: 'symbol', type: symbol },
      { name: 'price', type: price },
      { name: 'quantity', type: quantity },
      { name: 'timestamp', type: time },
    ],
  };
}

const PLAIN = { symbol: 'AMC', price: 626.05, quantity: 141, timestamp: TIME_MS };

function decimal(unscaled: bigint, bytes: number): Buffer {
  const hex = BigInt.asUintN(bytes * 8, unscaled)
    .toString(16)
    .padStart(bytes * 2, '0');
  return Buffer.from(hex, 'hex');
}

const DECIMAL = { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 4 };
const FIXED_DECIMAL = {
  type: 'fixed',
  name: 'Price',
  size: 12,
  logicalType: 'decimal',
  precision: 20,
  scale: 4,
};

test.each([
  ['a double', 'double', 626.05],
  ['a float', 'float', 626.05],
  ['a text', 'string', '626.0500'],
  ['a decimal in bytes', DECIMAL, decimal(6_260_500n, 3)],
  ['a decimal in more bytes than it needs', DECIMAL, decimal(6_260_500n, 15)],
  ['a fixed decimal', FIXED_DECIMAL, decimal(6_260_500n, 12)],
  ['an optional double', ['null', 'double'], { double: 626.05 }],
])('a price that is %s is read exactly', (_, type, price) => {
  const { trades, reasons } = throughAvro(record({ price: type }), [{ ...PLAIN, price }]);
  expect(reasons).toEqual([]);
  expect(trades).toEqual([{ symbol: 'AMC', priceTicks: 62_605, quantityUnits: 141, timeMs: TIME_MS }]);
});

test('a price that is a whole number counts in the scale that the pipeline says', () => {
  const values = [{ ...PLAIN, price: 6_260_500 }];
  const schema = record({ price: 'long' });
  expect(throughAvro(schema, values, { priceScale: 4 }).trades[0].priceTicks).toBe(62_605);
  expect(throughAvro(schema, values, { priceScale: 0 }).trades[0].priceTicks).toBe(626_050_000);
  expect(throughAvro(schema, values, { priceScale: 5 }).reasons[0]).toContain('"62.60500"');
  expect(throughAvro(schema, values, { priceScale: 5 }).trades).toHaveLength(0);
});

test('a double is read as its shortest decimal text, whatever it is', () => {
  const price = fc.oneof(
    fc.integer({ min: 0, max: 10_000_000 }).map((ticks) => ticks / 1_000),
    fc.double({ min: 0, max: 1e16, noNaN: true }),
    fc.double({ noNaN: false }),
  );
  fc.assert(
    fc.property(price, (value) => {
      const options = { priceDecimals: 3 };
      const asNumber = throughAvro(record({}), [{ ...PLAIN, price: value }], options);
      const asText = throughAvro(record({ price: 'string' }), [{ ...PLAIN, price: String(value) }], options);
      expect(asNumber.trades).toEqual(asText.trades);
      expect(asNumber.rejected).toHaveLength(asText.rejected.length);
    }),
    { numRuns: 400 },
  );
});

function codesOf(rejected: readonly string[]): string[] {
  return rejected.map((each) => each.split(' ')[0]);
}

test('a decimal is the number that it is, of whichever length and scale', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.integer({ min: 0, max: 22 }),
      fc.integer({ min: 0, max: 9 }),
      (unscaled, scale, priceDecimals) => {
        const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
        const point = digits.length - scale;
        const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}0`;
        const schema = record({ price: { ...DECIMAL, precision: 40, scale } });
        const asDecimal = throughAvro(schema, [{ ...PLAIN, price: decimal(unscaled, 9) }], { priceDecimals });
        const asText = throughAvro(record({ price: 'string' }), [{ ...PLAIN, price: text }], {
          priceDecimals,
        });
        expect(asDecimal.trades).toEqual(asText.trades);
        expect(codesOf(asDecimal.rejected)).toEqual(codesOf(asText.rejected));
      },
    ),
    { numRuns: 400 },
  );
});

test.each([
  ['milliseconds', { type: 'long', logicalType: 'timestamp-millis' }, TIME_MS],
  ['microseconds', { type: 'long', logicalType: 'timestamp-micros' }, TIME_MS * 1_000 + 999],
  ['local milliseconds', { type: 'long', logicalType: 'local-timestamp-millis' }, TIME_MS],
  ['text', 'string', `${TIME_MS}`],
  ['a plain long', 'long', TIME_MS],
  ['a double', 'double', TIME_MS + 0.25],
])('a time in %s becomes milliseconds', (_, type, timestamp) => {
  const { trades, reasons } = throughAvro(record({ time: type }), [{ ...PLAIN, timestamp }]);
  expect(reasons).toEqual([]);
  expect(trades[0].timeMs).toBe(TIME_MS);
});

test('nanoseconds, which no double holds, are rounded down to the millisecond that they are in', () => {
  const long = avsc.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(value);
      return buffer;
    },
    fromJSON: BigInt,
    toJSON: String,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: () => 0,
  });
  const schema = record({ quantity: 'int', time: { type: 'long', logicalType: 'timestamp-nanos' } });
  const type = avsc.Type.forSchema(schema as never, {
    typeHook: (each) => ((each as { type?: string }).type === 'long' || each === 'long' ? long : undefined),
  });
  const timestamp = BigInt(TIME_MS) * 1_000_000n + 999_999n;
  const { trades } = decodeAvro(schema, [framed(7, type.toBuffer({ ...PLAIN, timestamp }))]);
  expect(trades[0].timeMs).toBe(TIME_MS);
});

test('a symbol may be an enum', () => {
  const symbol = { type: 'enum', name: 'Symbol', symbols: ['AAPL', 'AMC'] };
  expect(throughAvro(record({ symbol }), [PLAIN]).trades[0].symbol).toBe('AMC');
});

test('an array of records is several trades; one that is none says which it is, and the others count', () => {
  const schema = { type: 'array', items: record({ price: ['null', 'double'] }) };
  const values = [626.05, null, 1].map((price) => ({
    ...PLAIN,
    price: price === null ? null : { double: price },
  }));
  const { trades, reasons, indexes } = throughAvro(schema, [values]);
  expect(trades.map(({ priceTicks }) => priceTicks)).toEqual([62_605, 100]);
  expect(reasons).toEqual(['no price: its value is null']);
  expect(indexes).toEqual([1]);
});

test('fields that are needed are found among any others, nested and repeated ones too', () => {
  const deep = {
    type: 'record',
    name: 'Deep',
    fields: [
      { name: 'inner', type: ['null', 'Deep'] },
      { name: 'list', type: { type: 'array', items: ['string', 'null'] } },
      {
        name: 'map',
        type: { type: 'map', values: ['int', 'string', { type: 'fixed', name: 'Id', size: 5 }] },
      },
    ],
  };
  const schema = {
    type: 'record',
    name: 'Event',
    fields: [
      { name: 'a', type: { type: 'array', items: { type: 'map', values: 'bytes' } } },
      { name: 'last_price', type: 'int' },
      { name: 'b', type: ['null', 'boolean', { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] }] },
      { name: 'ticker', type: 'string' },
      { name: 'c', type: deep },
      { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'd', type: { type: 'array', items: 'null' } },
      { name: 'e', type: 'float' },
    ],
  };
  const type = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 2 ** 41 }), (price, ts) => {
      const value = {
        ...(type.random() as unknown as object),
        last_price: price,
        ticker: `T${price % 9}`,
        ts,
      };
      const { trades, reasons } = throughAvro(schema, [value], { withQuantity: false });
      expect(reasons).toEqual([]);
      expect(trades).toEqual([
        { symbol: `T${price % 9}`, priceTicks: price * 100, quantityUnits: 0, timeMs: ts },
      ]);
    }),
    { numRuns: 200 },
  );
});

test('whatever bytes come, a record is a trade or a dead letter, and the next one is read as ever', () => {
  const schemaOf = [record({}), { type: 'array', items: record({ price: DECIMAL }) }];
  fc.assert(
    fc.property(fc.constantFrom(...schemaOf), fc.uint8Array({ maxLength: 60 }), (schema, body) => {
      const { trades, rejected } = decodeAvro(schema, [framed(7, body)]);
      const isOne = trades.length + rejected.length === 1;
      expect(isOne || schema !== schemaOf[0]).toBe(true);
    }),
    { numRuns: 600 },
  );
  const type = avsc.Type.forSchema(record({}) as never);
  const whole = type.toBuffer(PLAIN);
  const cut = framed(7, whole.subarray(0, whole.length - 1));
  const longer = framed(7, Buffer.concat([whole, Buffer.of(0)]));
  const { trades, reasons } = decodeAvro(record({}), [cut, longer, framed(7, whole)]);
  expect(trades).toHaveLength(1);
  expect(reasons).toEqual(Array.from({ length: 2 }, () => 'the bytes are not as the schema 7 has them'));
});

test('a few bytes that promise billions of elements end at once', () => {
  const empty = { type: 'array', items: { type: 'record', name: 'Empty', fields: [] } };
  const billions = Buffer.from('feffffff0f00', 'hex');
  expect(decodeAvro(empty, [framed(7, billions)]).reasons).toEqual([
    'the schema 7 describes an array of nothing',
  ]);
});

test.each([
  ['without a frame', Buffer.from('{"symbol":"AMC"}'), 'not-framed 1'],
  ['that is empty', Buffer.alloc(0), 'not-framed 1'],
  ['of an id that is in no registry', framed(8, Buffer.alloc(0)), 'schema-unknown 2'],
  ['of a schema that cannot be used', framed(9, Buffer.alloc(0)), 'schema-unusable 2'],
  ['of the other format', framed(10, Buffer.alloc(0)), 'schema-unusable 2'],
])('a record %s is a dead letter', (_, bytes, expected) => {
  const known = {
    get: (id: number) =>
      id === 8
        ? ({ format: 'none', code: 'schema-unknown', why: '' } as const)
        : id === 9
          ? ({ format: 'none', code: 'schema-unusable', why: 'is of type JSON' } as const)
          : ({ format: 'protobuf', messages: [] } as const),
  };
  expect(decodeAll([bytes], { format: 'avro', schemas: known }).rejected).toEqual([expected]);
});

test('a record whose schema is not known yet is neither a trade nor a dead letter: the schema is asked for', () => {
  const known = schemas({ format: 'none', code: 'schema-unknown', why: '' });
  const decoded = decodeAll([framed(3_000_000_001, Buffer.from('x'))], { format: 'avro', schemas: known });
  expect(decoded).toMatchObject({ trades: [], rejected: [], schemasNeeded: [3_000_000_001] });
});

test.each([
  [{ price: { type: 'map', values: 'double' } }, 'the price is not a number: "a value of type map"'],
  [{ time: 'boolean' }, 'the time cannot be read'],
  [{ symbol: 'long' }, 'the symbol is not printable UTF-8 text: "0"'],
])('a schema whose fields cannot be a trade says so for each record: %j', (types, reason) => {
  const schema = record(types);
  const type = avsc.Type.forSchema(schema as never);
  const value = { symbol: 'A', price: 1, quantity: 1, timestamp: 0, ...forTypes(types) };
  expect(decodeAvro(schema, [framed(7, type.toBuffer(value))]).reasons[0]).toContain(reason);
});

function forTypes(types: { price?: unknown; time?: unknown; symbol?: unknown }): object {
  if (types.price !== undefined) return { price: { a: 1 } };
  return types.time === undefined ? { symbol: 0 } : { timestamp: true };
}

test('a schema that lacks a part of a trade says where it was looked for', () => {
  const schema = { type: 'record', name: 'T', fields: [{ name: 'symbol', type: 'string' }] };
  expect(throughAvro(schema, [{ symbol: 'A' }]).reasons[0]).toBe(
    'no price: no field of the schema 7 has one of its usual names; name it in input.fields.price',
  );
  expect(throughAvro(schema, [{ symbol: 'A' }], { fields: { price: 'px' } }).reasons[0]).toBe(
    'no price: the schema 7 has no field "px"',
  );
});
