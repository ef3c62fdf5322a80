import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { recordJson } from '../../../src/sink/record-json.ts';
import { recordTable } from '../../../src/sink/record-table.ts';
import { RecordViewer, type RawRecord } from '../../../src/sink/record-view.ts';
import { ResultTable } from '../../../src/sink/result-table.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { CODEC } from '../../support/decode.ts';
import { Screen, START_MS } from './results.ts';

function record(value: string | Buffer | null, key: string | null = 'KEY'): RawRecord {
  const [keyBytes, valueBytes] = [key, value].map((each) =>
    typeof each === 'string' ? Buffer.from(each) : each,
  );
  return { partition: 2, offset: 41, timestampMs: START_MS, key: keyBytes, value: valueBytes };
}

const symbols = new SymbolTable();
const viewer = new RecordViewer({
  json: tradeCodec({ ...CODEC, format: 'json' }, symbols),
  csv: tradeCodec(CODEC, symbols),
  symbols,
  ticksPerPrice: 10 ** CODEC.priceDecimals,
});

test('a record as a line of JSON: an object stands there as one, number for number as it was written', () => {
  expect(recordJson(record('{"n":1534848938300000001,"b":[1]}'))).toBe(
    `{"partition":2,"offset":41,"timestamp":${START_MS},"key":"KEY","value":{"n":1534848938300000001,"b":[1]}}\n`,
  );
});

test.each([
  ['text', record('A,,1'), { key: 'KEY', value: 'A,,1' }],
  ['braces that are no JSON', record('{no}'), { key: 'KEY', value: '{no}' }],
  ['a tombstone', record(null), { key: 'KEY', value: null }],
  ['no key', record('x', null), { key: null, value: 'x' }],
  ['an object over several lines', record('{\n"a":1}'), { key: 'KEY', value: '{\n"a":1}' }],
  ['what is no text', record(Buffer.from([0xff, 0xfe])), { key: 'KEY', valueBase64: '//4=' }],
])('a value that is %s loses nothing and stays on its line', (_, given, expected) => {
  const line = recordJson(given);
  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({ partition: 2, offset: 41, timestamp: START_MS, ...expected });
});

test.each([
  ['a trade in CSV', 'AMC,BUY ,626.05,141,1534848938300,x', 'AMC', '626.05 at 10:55:38.300   AMC,BUY'],
  [
    'a trade in JSON',
    '{"symbol":"ANZ","price":1.5,"qty":1,"ts":1534848938000}',
    'ANZ',
    '1.50 at 10:55:38   {',
  ],
  [
    'a late trade',
    '{"topic":"stocks","partition":0,"offset":7,"symbol":"AGL","time":1000,"watermark":7500,"code":"late","reason":"r","value":"v"}',
    'AGL',
    'late: 00:00:01 is 6.5 s behind the watermark   stocks/0@7   v',
  ],
  [
    'a dead letter',
    '{"topic":"stocks","partition":0,"offset":7,"code":"negative","reason":"below zero","key":"A","value":"A,,-1"}',
    'KEY',
    'negative: below zero   stocks/0@7   A,,-1',
  ],
  ['anything else', 'hello\u001b[2J', 'KEY', 'hello·[2J'],
  ['a tombstone', null, 'KEY', 'a tombstone: no value'],
])('%s is told by its looks', (_, value, symbol, text) => {
  const view = viewer.view(record(value));
  expect(view).toMatchObject({ symbol, result: undefined, text: expect.stringContaining(text) });
});

test('a result keeps its figures', () => {
  const value = '{"start":1000,"end":4000,"stockName":"AMC","price":1.5,"minPrice":1,"maxPrice":2,"count":2}';
  expect(viewer.view(record(value))).toMatchObject({ symbol: 'AMC', result: { end: 4000, price: 1.5 } });
});

test('the newest records fit any terminal, the last one at the bottom', () => {
  const seen = Array.from({ length: 50 }, (_, i) => ({
    symbol: 'A'.repeat(i),
    text: `text ${i} ${'x'.repeat(100)}`,
    record: { partition: i % 3, offset: i, timestampMs: START_MS + i },
  }));
  for (const size of [
    { columns: 100, rows: 24 },
    { columns: 30, rows: 6 },
  ]) {
    const lines = recordTable(seen, size, 'a status that says more than a small terminal can show').split(
      '\n',
    );
    expect(lines.length).toBeLessThan(size.rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(size.columns);
    expect(lines.at(-3)).toMatch(/^ +1 +49 /);
  }
  expect(recordTable([], { columns: 80, rows: 24 }, 'waiting')).toBe('waiting');
});

test('results of a topic are in the table of a run, a size for each window', async () => {
  const screen = new Screen(true);
  const first = { start: 1_000, end: 4_000, stockName: 'AMC', price: 1.5, count: 2 };
  const table = new ResultTable(screen, first, { nameOf: (ms) => `${ms} ms`, status: () => 'status' });
  await table.add([first, { ...first, start: 0, end: 60_000, price: 2.5 }]);
  await table.add([{ ...first, stockName: 'ANZ', price: 3.5 }]);
  await table.finish();
  const text = stripVTControlCharacters(screen.text);
  expect(text).toMatch(/symbol +window, UTC +size +average +count +trend/);
  expect(text).toMatch(
    /AMC .* 3000 ms +1\.50 +2[\s\S]*AMC .* 60000 ms +2\.50 +2[\s\S]*ANZ .* 3000 ms +3\.50/,
  );
  expect(text).toContain('status');
});
