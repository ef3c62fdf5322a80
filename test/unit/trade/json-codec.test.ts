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

test('what is not JSON is told without the control characters in it', () => {
  const { reasons } = decodeOne('\u001b[31mred', JSON_INPUT);
  expect(reasons).toEqual([expect.stringMatching(/^not a JSON object: .*\u00b7\[31mred/)]);
});

test('a value that is null is said to be null, and one that is no number is shown as it came', () => {
  const records = [
    '{"symbol":"AMC","price":null,"quantity":141,"time":1}',
    '{"x":{},"symbol":"AMC","price":null,"quantity":141,"time":1}',
    '{"symbol":"AMC","price":[1.5],"quantity":141,"time":1}',
  ];
  const whole = decodeAll(records, JSON_INPUT);
  expect(whole.reasons).toEqual([
    'no price: its value is null',
    'no price: its value is null',
    'the price is not a number: "[1.5]"',
  ]);
  const withoutQuantity = '{"symbol":"AMC","price":626.05,"quantity":null,"time":1534848938300}';
  expect(decodeOne(withoutQuantity, { ...JSON_INPUT, withQuantity: false }).rejected).toEqual([]);
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
    ['[{"symbol":"A"}]', 'missing-field 15'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1}}', 'not-json 1'],
    ['{"symbol":"A","price":01,"quantity":1,"time":1}', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1,}', 'not-json 1'],
    ['{"symbol":"A","price":1,"quantity":1,"time":1,"x":1.2.3}', 'not-json 1'],
    ['{"symbol":"A","quantity":1,"time":1}', 'missing-field 37'],
    ['{"symbol":"A","price":null,"quantity":1,"time":1}', 'missing-field 23'],
    ['{"symbol":"A","price":-1,"quantity":1,"time":1}', 'negative 23'],
    ['{"symbol":"A","price":"NaN","quantity":1,"time":1}', 'not-a-number 24'],
    ['{"symbol":"A","price":true,"quantity":1,"time":1}', 'not-a-number 23'],
    ['{"symbol":7,"price":1,"quantity":1,"time":1}', 'symbol-not-text 11'],
    ['{"symbol":"A","price":1,"quantity":1,"time":"soon"}', 'not-a-time 46'],
  ])('%s', (record, rejected) => {
    expect(decodeOne(record, JSON_INPUT)).toMatchObject({ trades: [], rejected: [rejected] });
  });
});

test('whatever the records before were like, an object is read as JSON.parse has it', () => {
  const value = fc.oneof(
    fc.constantFrom('AMC', '1.5', '2018', '007', '', 'a"b', 'x\\y', 'é', 'a,b}'),
    fc.constantFrom(0, 1, 1.25, -3, 1e21, 1e-7, 1534848938300),
    fc.constantFrom(null, true, false),
    fc.constantFrom({}, [], { price: 2 }),
  );
  const usual = fc.record({
    symbol: fc.constantFrom('AMC', 'B'),
    price: fc.double({ min: 0, max: 9 }),
    quantity: fc.nat(),
    time: fc.nat(),
  });
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
  const odd = fc.array(fc.tuple(key, value), { maxLength: 8 });
  const record = fc.oneof(
    usual.map((trade) => Object.entries(trade)),
    usual.map((trade) => Object.entries(trade)),
    odd,
  );
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) => {
      const flat = records.map(
        (entries) =>
          `{${entries.map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join(',')}}`,
      );
      // A nested member at the front sends the same record through JSON.parse.
      const nested = flat.map((text) => (text === '{}' ? '{"n":{}}' : text.replace('{', '{"n":{},')));
      const options = { ...JSON_INPUT, priceDecimals: 9 };
      const fast = decodeAll(flat, options);
      const slow = nested.map((text) => decodeOne(text, options));
      expect(fast.trades).toEqual(slow.flatMap(({ trades }) => trades));
      expect(fast.rejected.map(codeOf)).toEqual(slow.flatMap(({ rejected }) => rejected).map(codeOf));
    }),
    { numRuns: 3000 },
  );
});

function codeOf(rejected: string): string {
  return rejected.split(' ')[0];
}

describe('an array is several trades', () => {
  const TRADE = '{"symbol":"A","price":1,"quantity":1,"time":1}';

  test('of any symbols, with space and nesting as JSON has them', () => {
    const other = '{"symbol":"B]","price":2.5,"quantity":3,"time":4,"tags":["x",{"y":[1,"}"]}]}';
    for (const text of [`[${TRADE},${other}]`, ` [\n  ${TRADE} ,\r\n\t${other}\n] \n`]) {
      expect(decodeOne(text, JSON_INPUT).trades).toEqual([
        { symbol: 'A', priceTicks: 100, quantityUnits: 1, timeMs: 1 },
        { symbol: 'B]', priceTicks: 250, quantityUnits: 3, timeMs: 4 },
      ]);
    }
    expect(decodeOne('[ ]', JSON_INPUT)).toMatchObject({ trades: [], rejected: [] });
  });

  test('an element that is none says which one it is, and the others count', () => {
    const { trades, rejected, indexes } = decodeOne(
      `[${TRADE},{"symbol":"A","price":"x","quantity":1,"time":1},7,${TRADE},[${TRADE}],{]`,
      JSON_INPUT,
    );
    expect(trades).toHaveLength(0);
    expect(rejected).toEqual(['not-json 1']);
    expect(indexes).toEqual([undefined]);
    const sound = decodeOne(
      `[${TRADE},{"symbol":"A","price":"x","quantity":1,"time":1},7,${TRADE},[${TRADE}],{"a" 1}]`,
      JSON_INPUT,
    );
    expect(sound.trades).toHaveLength(2);
    expect(sound.rejected).toEqual(['not-a-number 24', 'not-json 1', 'not-json 1', 'not-json 1']);
    expect(sound.indexes).toEqual([1, 2, 4, 5]);
  });

  test.each(['[', `[${TRADE}`, `[${TRADE},]`, `[,${TRADE}]`, `[${TRADE}] x`, `[${TRADE},"a]`])(
    'nothing counts of one that is not whole: %s',
    (text) => {
      expect(decodeOne(text, JSON_INPUT)).toMatchObject({ trades: [], rejected: ['not-json 1'] });
    },
  );

  test('elements are read as the same objects are by themselves', () => {
    const value = fc.constantFrom('1', '-1', '2.25', '"3.5"', 'null', '1e2', '[1]', '{"a":"]"}', '"\\"]"');
    const object = fc.record({ price: value, quantity: value, time: value, extra: value });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 5 }), (objects) => {
        const texts = objects.map(
          ({ price, quantity, time, extra }) =>
            `{"symbol":"A","extra":${extra},"price":${price},"quantity":${quantity},"time":${time}}`,
        );
        const together = decodeOne(`[${texts.join(', ')}]`, JSON_INPUT);
        const alone = decodeAll(texts, JSON_INPUT);
        expect(together.trades).toEqual(alone.trades);
        expect(together.rejected).toEqual(alone.rejected);
      }),
    );
  });
});
