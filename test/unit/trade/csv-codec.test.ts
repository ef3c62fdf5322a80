import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HeaderError } from '../../../src/trade/csv-header.ts';
import { decodeAll, decodeOne } from '../../support/decode.ts';

const AMC = { symbol: 'AMC', priceTicks: 62605, quantityUnits: 141, timeMs: 1534848938300 };

test("the predecessor's line is read, with the trailing space of its BUY", () => {
  expect(decodeOne('AMC,BUY ,626.05,141,1534848938300,2018-08-21 20:55:38.3').trades).toEqual([AMC]);
});

test('columns behind the last one needed may be missing, and a line may end in CR LF', () => {
  expect(decodeOne('AMC,SELL,626.05,141,1534848938300').trades).toEqual([AMC]);
  expect(decodeOne('AMC,SELL,626.05,141,1534848938300\r').trades).toEqual([AMC]);
});

test('spaces around fields do not count', () => {
  expect(decodeOne(' AMC , SELL , 626.05 , 141 , 1534848938300 ').trades).toEqual([AMC]);
});

test('quoted fields are read as RFC 4180 has them', () => {
  const decoded = decodeAll(['"A,M""C",x,"626.05","141",1534848938300', 'A,x,"1",2,"3"', '"A",x,1,2,3']);
  expect(decoded.trades.map(({ symbol }) => symbol)).toEqual(['A,M"C', 'A', 'A']);
  expect(decodeOne('"AMC,BUY ,626.05,141,1').rejected).toEqual(['unclosed-quote 23']);
});

test('what stands behind a closing quote is not left out in silence', () => {
  const decoded = decodeAll(['A,x,"626".05,141,1', '"AMC"x,x,1,2,3', '"AMC" ,x,"1" ,2,3\r']);
  expect(decoded.reasons).toEqual(['the price is not a number: ""626".05"']);
  expect(decoded.trades.map(({ symbol }) => symbol)).toEqual(['"AMC"x', 'AMC']);
});

test('a byte order mark between records makes no second symbol of the same name', () => {
  const decoded = decodeAll(['AMC,x,1,2,3', '\ufeffAMC,x,1,2,3']);
  expect(decoded.trades).toHaveLength(1);
  expect(decoded.reasons).toEqual(['the symbol is not printable UTF-8 text: "\u00b7AMC"']);
});

test('another delimiter', () => {
  expect(decodeOne('AMC;BUY;626.05;141;1534848938300', { delimiter: ';' }).trades).toEqual([AMC]);
  expect(decodeOne('AMC\tBUY\t626.05\t141\t1534848938300', { delimiter: '\t' }).trades).toEqual([AMC]);
});

test('columns by number', () => {
  const fields = { time: 1, symbol: 2, price: 3, quantity: 4 };
  expect(decodeOne('1534848938300,AMC,626.05,141', { fields }).trades).toEqual([AMC]);
});

describe('a header', () => {
  test('with usual names is noticed and orders the columns', () => {
    const decoded = decodeAll(['Time,Ticker,Last,Size', '1534848938300,AMC,626.05,141'], { header: 'auto' });
    expect(decoded).toMatchObject({ trades: [AMC], rejected: [] });
  });

  test('with own names is used as configured', () => {
    const fields = { time: 'when', symbol: 'what', price: 'how much', quantity: 4 };
    const decoded = decodeAll(['when,what,how much,n', '1534848938300,AMC,626.05,141'], {
      header: 'auto',
      fields,
    });
    expect(decoded.trades).toEqual([AMC]);
  });

  test('that lacks a column is an error which names both', () => {
    const decode = () => decodeAll(['when,ticker,price,size', 'x'], { header: 'auto' });
    expect(decode).toThrow(HeaderError);
    expect(decode).toThrow('no column for time; its columns are when, ticker, price, size');
  });

  test('that is long or no text is told in short', () => {
    const record = `\u001b[31m${',x'.repeat(50_000)}`;
    expect(() => decodeAll([record], { header: 'present' })).toThrow(
      /columns are \u00b7\[31m[x, ]{300,400}\.\.\. \(50001 columns\)$/,
    );
  });

  test('is not needed for the names that the predecessor used', () => {
    const fields = { symbol: 'stockName', price: 'price' };
    const decoded = decodeAll(['AMC,BUY ,626.05,141,1534848938300'], { header: 'auto', fields });
    expect(decoded.trades).toEqual([AMC]);
  });

  test('is not seen in a first line of data', () => {
    expect(decodeAll(['AMC,BUY ,626.05,141,1534848938300'], { header: 'auto' }).trades).toEqual([AMC]);
  });

  test('is not seen in a broken first line, which is a dead letter', () => {
    expect(decodeAll(['AMC,BUY ,oops,141,1534848938300'], { header: 'auto' }).rejected).toEqual([
      'not-a-number 10',
    ]);
  });

  test('prefers the more telling of two usual names', () => {
    const decoded = decodeAll(
      ['date,timestamp,volume,size,symbol,price', '1,1534848938300,1,141,AMC,626.05'],
      {
        header: 'auto',
      },
    );
    expect(decoded.trades.map(({ timeMs }) => timeMs)).toEqual([1534848938300]);
  });
});

describe('a malformed record gives a reason with its column', () => {
  test.each([
    ['AMC,SELL', 'missing-field 9'],
    [',SELL,1,1,1', 'missing-field 1'],
    ['AMC,SELL,,1,1', 'not-a-number 10'],
    ['AMC,SELL,NaN,1,1', 'not-a-number 10'],
    ['AMC,SELL,1.2.3,1,1', 'not-a-number 10'],
    ['AMC,SELL,1 2,1,1', 'not-a-number 10'],
    ['AMC,SELL,-626.05,1,1', 'negative 10'],
    ['AMC,SELL,1.005,1,1', 'too-many-decimals 10'],
    ['AMC,SELL,99999999999999,1,1', 'too-large 10'],
    ['AMC,SELL,1,1.5,1', 'too-many-decimals 12'],
    ['AMC,SELL,1,x,1', 'not-a-number 12'],
    ['AMC,SELL,1,1,yesterday', 'not-a-time 14'],
    ['AMC,SELL,1,1,', 'not-a-time 14'],
    ['AMC,SELL,1,1,-1', 'time-out-of-range 14'],
    ['AMC,SELL,1,1,1534848938300000', 'time-out-of-range 14'],
    [`${'A'.repeat(10_240)},SELL,1,1,1`, 'symbol-too-long 1'],
    ['A\u0001C,SELL,1,1,1', 'symbol-not-text 1'],
    [Buffer.from([0xff, 0xfe, 0x2c, 0x2c, 0x31, 0x2c, 0x31, 0x2c, 0x31]), 'symbol-not-text 1'],
  ])('%j', (record, rejected) => {
    expect(decodeOne(record)).toMatchObject({ trades: [], rejected: [rejected] });
  });

  test('in words that say what to do', () => {
    expect(decodeOne('AMC,SELL,1.005,1,1').reasons).toEqual([
      'the price has more than 2 decimals: "1.005"; raise input.priceDecimals to keep them',
    ]);
    expect(decodeOne('AMC,SELL,1,1,1534848938300000').reasons).toEqual([
      'the time "1534848938300000" is not between 1970 and 2199; is input.timeUnit right?',
    ]);
  });
});

test('quantities are not looked at unless they are measured', () => {
  expect(decodeOne('AMC,SELL,626.05,,1534848938300', { withQuantity: false }).trades).toEqual([
    { ...AMC, quantityUnits: 0 },
  ]);
});

test('a price is read as its decimal digits say, however it is written', () => {
  const decimals = 4;
  const written = fc.tuple(
    fc.nat({ max: 999_999 }),
    fc.nat({ max: 9_999 }),
    fc.constantFrom('plain', 'zeros', 'exponent'),
  );
  fc.assert(
    fc.property(written, ([whole, fraction, style]) => {
      const digits = String(fraction).padStart(decimals, '0');
      const text = {
        plain: `${whole}.${digits}`,
        zeros: `+000${whole}.${digits}000`,
        exponent: `${whole}${digits}e-${decimals}`,
      }[style];
      const { trades } = decodeOne(`A,,${text},1,1`, { priceDecimals: decimals });
      expect(trades.map(({ priceTicks }) => priceTicks)).toEqual([whole * 10 ** decimals + fraction]);
    }),
  );
});

test('a long number with an exponent is refused rather than read up to the middle of it', () => {
  expect(decodeOne(`A,x,1.${'0'.repeat(60)}e10,1,1`).rejected).toEqual(['not-a-number 5']);
  expect(decodeOne(`A,x,1.${'0'.repeat(58)}e10,1,1`).trades).toMatchObject([{ priceTicks: 1e12 }]);
});

test('no bytes whatever make the decoder fail: a record is a trade or has a reason', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }).map((s) => Buffer.from(s)),
    fc
      .array(fc.constantFrom('A', ',', '"', '.', '-', '+', 'e', '1', '9', ' ', '\t'), { maxLength: 40 })
      .map((s) => Buffer.from(s.join(''))),
  );
  fc.assert(
    fc.property(
      anything.filter((bytes) => !bytes.includes(0x0a)),
      (bytes) => {
        const { trades, rejected } = decodeOne(bytes);
        expect(trades.length + rejected.length).toBe(1);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the lines of a Kafka message are a trade each; blank ones and a line feed at the end are none', () => {
  const text = 'A,,1,1,1000,\r\n\nB,,2,1,2000,late,more\nC,,x,1,3000,\nD,,3,1,4000,\n';
  const { trades, rejected } = decodeOne(text);
  expect(trades.map(({ symbol, timeMs }) => [symbol, timeMs])).toEqual([
    ['A', 1_000],
    ['B', 2_000],
    ['D', 4_000],
  ]);
  expect(rejected).toEqual(['not-a-number 4']);
  expect(decodeOne('\r\n\n').rejected).toEqual(['missing-field 1']);
});
