import { expect, test } from '@jest/globals';
import { tradeText } from '../../../src/feed/trade-text.ts';
import { tradeCodec, type CodecOptions } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC } from '../../support/decode.ts';

const TRADE = {
  symbol: 'AMC',
  side: 'BUY ',
  priceCents: 62_605,
  quantity: 141,
  timeMs: 1_534_848_938_300,
} as const;

test.each([
  ['the predecessor’s columns', {}, 'AMC,BUY ,626.05,141,1534848938300,2018-08-21 10:55:38.3'],
  [
    'its own columns and delimiter',
    { fields: { symbol: 2, price: 1, time: 5, quantity: undefined }, delimiter: ';' },
    '626.05;AMC;;141;1534848938300',
  ],
  [
    'JSON',
    { format: 'json' },
    '{"stockName":"AMC","tradeType":"BUY","price":626.05,"quantity":141,"timestamp":1534848938300}',
  ],
  [
    'JSON with its own names and ISO times',
    { format: 'json', timeUnit: 'iso', fields: { symbol: 'ticker', price: 'px' } },
    '{"ticker":"AMC","tradeType":"BUY","px":626.05,"quantity":141,"timestamp":"2018-08-21T10:55:38.300Z"}',
  ],
  ['nanoseconds', { timeUnit: 'ns' }, 'AMC,BUY ,626.05,141,1534848938300000000,2018-08-21 10:55:38.3'],
] as [string, Partial<CodecOptions>, string][])(
  'a trade in %s is written as the pipeline reads it',
  (_, given, text) => {
    const options: CodecOptions = { ...CODEC, priceDecimals: 6, quantityDecimals: 6, ...given };
    expect(tradeText(options)(TRADE)).toBe(text);
    const [symbols, batch] = [new SymbolTable(), new TradeBatch()];
    tradeCodec(options, symbols).decode(Buffer.from(text), 0, text.length, batch);
    expect(batch.rejections).toEqual([]);
    expect(symbols.name(batch.symbolId[0])).toBe('AMC');
    expect([batch.priceTicks[0], batch.timeMs[0]]).toEqual([626_050_000, TRADE.timeMs]);
  },
);

test('a price has no more decimals than the pipeline takes', () => {
  expect(tradeText({ ...CODEC, priceDecimals: 1 })(TRADE)).toContain(',626.0,'); // 626.05 as a double is below it
});

test('a column that only a header could name is told before anything is written', () => {
  expect(() => tradeText({ ...CODEC, fields: { price: 'deal_px' } })).toThrow(
    expect.objectContaining({
      code: 'FEED_LAYOUT',
      message: expect.stringContaining('deal_px'),
      remedy: expect.stringContaining('spec.input.fields.price'),
    }),
  );
});
