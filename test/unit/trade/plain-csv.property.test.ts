import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC, decodeAll, decodeOne } from '../../support/decode.ts';

const letters = fc.string({
  unit: fc.constantFrom('A', 'B', 'z', '.', '-', '\u00e9', '\u0130'),
  maxLength: 13,
});
const number = fc.oneof(
  fc.nat({ max: 10 ** 6 }).map(String),
  fc.tuple(fc.nat({ max: 10 ** 9 }), fc.nat({ max: 999 })).map(([whole, part]) => `${whole}.${part}`),
  fc.string({ unit: fc.constantFrom('0', '1', '9', '.'), maxLength: 18 }),
  fc.constantFrom(
    '',
    ' 1.5 ',
    '1e2',
    '-3',
    '.5',
    '5.',
    '999999999',
    '9999999.99',
    '123456789012345',
    '0x1',
    '1.5\t',
  ),
);
const time = fc.oneof(
  fc.nat({ max: 2 ** 31 }).map((seconds) => String(seconds * 1000 + 7)),
  fc.string({ unit: fc.constantFrom('0', '1', '5', '9'), maxLength: 18 }),
  fc.constantFrom('', '00001534848938300', ' 1534848938300', '1534848938300 ', '7258118400000', '12.5', '-1'),
);
const record = fc.record({
  fields: fc.tuple(letters, fc.constantFrom('', 'BUY ', 'SELL', 'a\tb', '!'), number, number, time),
  behind: fc.constantFrom('', ',', ',2018-08-21 20:55:38.3', ',\u20ac,,', '\r'),
});
const options = fc.record({
  withQuantity: fc.boolean(),
  priceDecimals: fc.constantFrom(0, 2, 9),
  quantityDecimals: fc.constantFrom(0, 3),
});

test('a plain record is read as the same record with all its fields in quotes, which nothing reads at once', () => {
  fc.assert(
    fc.property(record, options, ({ fields, behind }, given) => {
      const plain = decodeOne(fields.join(',') + behind, given);
      const thorough = decodeOne(fields.map((field) => `"${field}"`).join(',') + behind, given);
      expect(plain.trades).toEqual(thorough.trades);
      expect(plain.rejected.map(codeOf)).toEqual(thorough.rejected.map(codeOf));
    }),
    { numRuns: 3000 },
  );
});

test('symbols keep their names, however long they are and in whatever order they come', () => {
  const symbol = fc.string({ unit: fc.constantFrom('A', 'B', 'C', '\u00e9'), minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(
      fc.array(symbol, { maxLength: 40 }),
      fc.constantFrom(',', ';', '\t'),
      (symbols, delimiter) => {
        const records = symbols.map((each) => [each, '', '1', '1', '1'].join(delimiter));
        expect(decodeAll(records, { delimiter }).trades.map((trade) => trade.symbol)).toEqual(symbols);
      },
    ),
  );
});

test('a symbol at the end of a record is not read on into what follows, though that would be one too', () => {
  const symbols = new SymbolTable();
  const codec = tradeCodec(
    { ...CODEC, withQuantity: false, fields: { time: 1, price: 2, symbol: 3 } },
    symbols,
  );
  const bytes = Buffer.from('1,2,ABC,1,2,ABC,9999999');
  const batch = new TradeBatch();
  for (const [start, end] of [
    [0, 7],
    [8, 15],
    [8, 14],
  ])
    codec.decodeMessage(bytes, start, end, batch);
  expect(Array.from({ length: batch.length }, (_, row) => symbols.name(batch.symbolId[row]))).toEqual([
    ...['ABC', 'ABC', 'AB'],
  ]);
});

test('more symbols than there is room for at first are all known', () => {
  const symbols = Array.from({ length: 5_000 }, (_, i) => `S${i}`);
  const records = [...symbols, ...symbols].map((symbol) => `${symbol},,1,1,1`);
  expect(decodeAll(records).trades.map(({ symbol }) => symbol)).toEqual([...symbols, ...symbols]);
});

test('a line feed anywhere in a message makes two records of it', () => {
  fc.assert(
    fc.property(record, record, (first, second) => {
      const [one, two] = [first, second].map(({ fields, behind }) => fields.join(',') + behind);
      const apart = [decodeOne(one), decodeOne(two)];
      const together = decodeOne(`${one}\n${two}`);
      expect(together.trades).toEqual(apart.flatMap(({ trades }) => trades));
      expect(together.rejected.map(codeOf)).toEqual(apart.flatMap(({ rejected }) => rejected.map(codeOf)));
    }),
  );
});

function codeOf(rejection: string): string {
  return rejection.split(' ')[0];
}
