import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeAll, decodeOne } from '../../support/decode.ts';

const JSON_INPUT = { format: 'json' } as const;
const AMC = { symbol: 'AMC', priceTicks: 62605, quantityUnits: 141, timeMs: 1534848938300 };

test("the predecessor's names", () => {
  const record =
    '{"stockName":"AMC","tradeType":"BUY ","price":626.05,"quantity":141,"timestamp":1534848938300}';
  expect(decodeOne(record, JSON_INPUT).trades).toEqual([AMC]);
});

test('usual names of other feeds, numbers as strings, any white space, other keys', () => {
  const record =
    ' { "T" : null, "ticker":"AMC" , "px":"626.05", "ok":true, "size" : "141", "ts": "1534848938300"\t} \r';
  expect(decodeOne(record, JSON_INPUT).trades).toEqual([AMC]);
});

test('configured names', () => {
  const fields = { symbol: 's', price: 'p', quantity: 'v', time: 't' };
  const record = '{"s":"AMC","p":626.05,"v":141,"t":1534848938300,"price":1,"symbol":"X"}';
  expect(decodeOne(record, { ...JSON_INPUT, fields }).trades).toEqual([AMC]);
});

test('a record that is not flat or has escapes reads the same', () => {
  const nested =
    '{"more":{"price":1,"x":[1,{}]},"symbol":"AMC","price":626.05,"quantity":141,"time":1534848938300}';
  const escaped = '{"symbol":"A\\u004dC","pri\\u0063e":6.2605e2,"quantity":141,"time":1534848938300}';
  expect(decodeAll([nested, escaped, nested], JSON_INPUT).trades).toEqual([AMC, AMC, AMC]);
});

test('keys may change their order from record to record', () => {
  const records = [
    '{"symbol":"AMC","price":626.05,"quantity":141,"time":1534848938300}',
    '{"time":1534848938300,"quantity":141,"price":626.05,"symbol":"AMC"}',
    '{"price":626.05,"symbol":"AMC","extra":"price","time":1534848938300,"quantity":141}',
  ];
  expect(decodeAll(records, JSON_INPUT).trades).toEqual([AMC, AMC, AMC]);
});

test('nineteen digits of nanoseconds are exact on both ways', () => {
  const flat = '{"symbol":"AMC","price":626.05,"quantity":141,"time":1534848938300999999}';
  const nested = flat.replace('{', '{"x":{},');
  const { trades } = decodeAll([flat, nested], { ...JSON_INPUT, timeUnit: 'ns' });
  expect(trades).toEqual([AMC, AMC]);
});

describe('a malformed record gives a reason', () => {
  test.each([
    ['', 'not-json 1'],
    ['null', 'not-json 1'],
    ['12', 'not-json 1'],
    ['[{"symbol":"A"}]', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1}}', 'not-json 1'],
    ['{"symbol":"A","price":01,"quantity":1,"time":1}', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1,}', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1,"x":1.2.3}', 'not-json 1'],
    ['{"symbol":"A","quantity":1,"time":1}', 'missing-field 37'],
    ['{"symbol":"A","price":null,"quantity":1,"time":1}', 'missing-field 50'],
    ['{"symbol":"A","price":-1,"quantity":1,"time":1}', 'negative 23'],
    ['{"symbol":"A","price":"NaN","quantity":1,"time":1}', 'not-a-number 24'],
    ['{"symbol":"A","price":true,"quantity":1,"time":1}', 'not-a-number 1'],
    ['{"symbol":7,"price":1,"quantity":1,"time":1}', 'symbol-not-text 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":"soon"}', 'not-a-time 46'],
  ])('%s', (record, rejected) => {
    expect(decodeOne(record, JSON_INPUT)).toMatchObject({ trades: [], rejected: [rejected] });
  });
});

test('the fast way and JSON.parse agree on any object', () => {
  const value = fc.oneof(
    fc.constantFrom('AMC', '1.5', '2018', '', 'a"b', 'x\\y', 'é'),
    fc.constantFrom(0, 1, 1.25, -3, 1e21, 1e-7, 1534848938300),
    fc.constantFrom(null, true, false),
    fc.constantFrom({}, [], { price: 2 }),
  );
  const key = fc.constantFrom(
    'symbol',
    'ticker',
    'price',
    'px',
    'quantity',
    'size',
    'time',
    'ts',
    'other',
    'x"y',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 8 }), (entries) => {
      const flat = `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(part)}`).join(',')}}`;
      // A nested member at the front sends the same record through JSON.parse.
      const nested = entries.length === 0 ? '{"n":{}}' : flat.replace('{', '{"n":{},');
      const fast = decodeOne(flat, { ...JSON_INPUT, priceDecimals: 9 });
      const slow = decodeOne(nested, { ...JSON_INPUT, priceDecimals: 9 });
      expect(fast.trades).toEqual(slow.trades);
      expect(fast.rejected.map(codeOf)).toEqual(slow.rejected.map(codeOf));
    }),
    { numRuns: 2000 },
  );
});

function codeOf(rejected: string): string {
  return rejected.split(' ')[0];
}
