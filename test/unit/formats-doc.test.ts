import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { codecOptions } from '../../src/cli/run-input.ts';
import { avroType } from '../../src/registry/avro-schema.ts';
import { protobufMessages } from '../../src/registry/protobuf-schema.ts';
import { parsePipelineFile } from '../../src/resource/parse.ts';
import { fieldFits } from '../../src/trade/schema-fit.ts';
import { decodeOne } from '../support/decode.ts';
import { throughAvro, throughProtobuf } from '../support/registered.ts';

const DOC = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
const TIME_MS = 1_534_848_938_300;

function blocks(language: string): string[] {
  return [...DOC.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text,
  );
}

const [avroPipeline, protobufPipeline] = blocks('yaml').map((text) =>
  codecOptions(parsePipelineFile(text, { fileName: 'formats.md' })),
);

test('the array of the page is two trades', () => {
  const [text] = blocks('json trades');
  const { trades, reasons } = decodeOne(text, { format: 'json' });
  expect(reasons).toEqual([]);
  expect(trades.map(({ symbol, priceTicks }) => [symbol, priceTicks])).toEqual([
    ['AMC', 62_605],
    ['AGL', 2_018],
  ]);
});

test('the pipelines of the page fit its schemas, and read their records', () => {
  const [schema] = blocks('json avro');
  expect(fieldFits({ format: 'avro', type: avroType(schema) }, avroPipeline)?.every(({ fits }) => fits)).toBe(
    true,
  );
  const price = Buffer.from([0x5f, 0x87, 0x14]); // 6260500
  const value = { venue: null, ticker: 'AMC', price, executed_at: TIME_MS * 1000 };
  const avroOptions = { ...avroPipeline, priceDecimals: 2 };
  expect(throughAvro(JSON.parse(schema) as object, [value], avroOptions).trades).toMatchObject([
    { symbol: 'AMC', priceTicks: 62_605, timeMs: TIME_MS },
  ]);

  const [file] = blocks('proto');
  const messages = protobufMessages(file);
  expect(fieldFits({ format: 'protobuf', messages }, protobufPipeline)?.every(({ fits }) => fits)).toBe(true);
  const time = { seconds: Math.floor(TIME_MS / 1000), nanos: 300_000_000 };
  const trade = { symbol: 'AMC', price: 6_260_500, time };
  const protobufOptions = { ...protobufPipeline, priceDecimals: 2 };
  expect(throughProtobuf(file, 'market.Trade', [trade], protobufOptions).trades).toMatchObject([
    { symbol: 'AMC', priceTicks: 62_605, timeMs: TIME_MS },
  ]);
});

test('a schema that lacks a field, or has one of a type that will not do, is told by name', () => {
  const schema = JSON.stringify({
    type: 'record',
    name: 'T',
    fields: [
      { name: 'symbol', type: 'string' },
      { name: 'price', type: { type: 'map', values: 'double' } },
    ],
  });
  expect(fieldFits({ format: 'avro', type: avroType(schema) }, { ...avroPipeline, fields: {} })).toEqual([
    { field: 'symbol', name: 'symbol', fits: true },
    { field: 'price', name: 'price', fits: false },
    { field: 'time', name: undefined, fits: false },
  ]);
});
