// Records per second from bytes to columns, by format, on one core and without Kafka: our codecs, and for Avro and
// Protobuf beside them the libraries that write the records here, which make an object for each.
//
//   node bench/codecs.ts [--records 1000000] [--rounds 5]
import avsc from 'avsc';
import protobuf from 'protobufjs';
import { avroType } from '../src/registry/avro-schema.ts';
import { protobufMessages } from '../src/registry/protobuf-schema.ts';
import { tradeCodec, type CodecOptions } from '../src/trade/codec.ts';
import type { KnownSchema } from '../src/trade/schemas.ts';
import { SymbolTable } from '../src/trade/symbol-table.ts';
import { TradeBatch } from '../src/trade/trade-batch.ts';
import { benchmarkFlags, count } from './support/flags.ts';
import { report } from './support/report.ts';

const HELP = `
Records per second from bytes to columns, by format, on one core.
  --records N       how many records a round decodes (1,000,000)
  --rounds N        the median of so many rounds is shown (5)`;

const { flags, form } = benchmarkFlags(
  { records: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } },
  HELP,
);
const records = count('records', flags.records);
const rounds = count('rounds', flags.rounds);

const AVRO = {
  type: 'record',
  name: 'Trade',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } },
    { name: 'price', type: 'double' },
    { name: 'quantity', type: 'long' },
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'venue', type: ['null', 'string'] },
  ],
};
const NEEDED = { ...AVRO, fields: AVRO.fields.filter(({ name }) => !['side', 'venue'].includes(name)) };
const PROTO = `syntax = "proto3";
  enum Side { BUY = 0; SELL = 1; }
  message Trade {
    string symbol = 1; Side side = 2; double price = 3; int64 quantity = 4; int64 time = 5; string venue = 6;
  }`;

const avro = avsc.Type.forSchema(AVRO as never);
const needed = avsc.Type.forSchema(NEEDED as never);
const resolver = needed.createResolver(avro);
const proto = protobuf.parse(PROTO).root.lookupType('Trade');

interface MarketTrade {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: number;
  readonly quantity: number;
  readonly time: number;
  readonly venue: string;
}

/** Different ones, over and over: as many as stay in a cache, as those of a fetch do. */
const trades = Array.from({ length: 5_000 }, (_, i): MarketTrade => ({
  symbol: `S${i % 100}`,
  side: i % 2 === 0 ? 'BUY' : 'SELL',
  price: (10_000 + ((i * 7919) % 90_000)) / 100,
  quantity: 1 + (i % 997),
  time: 1_534_848_938_300 + i,
  venue: 'XNYS',
}));

interface Contender {
  readonly name: string;
  /** Decodes a round's records; returns the sum of their prices, in cents. */
  readonly run: () => number;
}

function ours(
  name: string,
  format: CodecOptions['format'],
  of: (trade: MarketTrade) => Uint8Array,
  schema?: KnownSchema,
) {
  const codec = tradeCodec(
    {
      format,
      fields: {},
      delimiter: ',',
      header: 'absent',
      timeUnit: 'ms',
      priceDecimals: 2,
      quantityDecimals: 0,
      withQuantity: true,
      schemas: { get: () => schema },
    },
    new SymbolTable(),
  );
  const values = trades.map(of);
  const ends: number[] = [];
  for (const value of values) ends.push((ends.at(-1) ?? 0) + value.length);
  const bytes = Buffer.concat(values);
  const batch = new TradeBatch();
  const run = (): number => {
    let cents = 0;
    for (let done = 0; done < records; done += values.length) {
      batch.clear();
      for (let i = 0, start = 0; i < ends.length; start = ends[i++])
        codec.decodeMessage(bytes, start, ends[i], batch);
      for (let row = 0; row < batch.length; row++) cents += batch.priceTicks[row];
    }
    return cents;
  };
  return { name, run };
}

function theirs(
  name: string,
  of: (trade: MarketTrade) => Uint8Array,
  priceOf: (bytes: Buffer) => number,
): Contender {
  const values = trades.map((trade) => Buffer.from(of(trade)));
  const run = (): number => {
    let cents = 0;
    for (let done = 0; done < records; done += values.length)
      for (const value of values) cents += Math.round(priceOf(value) * 100);
    return cents;
  };
  return { name, run };
}

const avroOf = (trade: MarketTrade): Uint8Array => avro.toBuffer(trade);
const protoOf = (trade: MarketTrade): Uint8Array => proto.encode(proto.fromObject(trade)).finish();
const framed =
  (of: (trade: MarketTrade) => Uint8Array, ...indexes: number[]) =>
  (trade: MarketTrade): Uint8Array =>
    Buffer.concat([Buffer.of(0, 0, 0, 0, 7, ...indexes), of(trade)]);
const textOf =
  (text: (trade: MarketTrade) => string) =>
  (trade: MarketTrade): Uint8Array =>
    Buffer.from(text(trade));

const contenders: Contender[] = [
  ours(
    'csv',
    'csv',
    textOf((t) => `${t.symbol},${t.side},${t.price.toFixed(2)},${t.quantity},${t.time},${t.venue}`),
  ),
  ours(
    'json',
    'json',
    textOf((trade) => JSON.stringify(trade)),
  ),
  ours('avro', 'avro', framed(avroOf), { format: 'avro', type: avroType(JSON.stringify(AVRO)) }),
  theirs('avro by avsc', avroOf, (bytes) => (avro.fromBuffer(bytes) as MarketTrade).price),
  theirs(
    'avro by avsc, needed fields',
    avroOf,
    (bytes) => (needed.fromBuffer(bytes, resolver) as MarketTrade).price,
  ),
  ours('protobuf', 'protobuf', framed(protoOf, 0), { format: 'protobuf', messages: protobufMessages(PROTO) }),
  theirs('protobuf by protobufjs', protoOf, (bytes) => (proto.decode(bytes) as unknown as MarketTrade).price),
];

const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]));
const sums = new Set<number>();
for (let round = 0; round < rounds; round++) {
  for (const { name, run } of contenders) {
    const startedMs = performance.now();
    sums.add(run());
    rates.get(name)?.push((1000 * records) / (performance.now() - startedMs));
  }
}
if (sums.size !== 1) throw new Error(`The decoders do not agree: ${[...sums].join(', ')}`);

report(
  form,
  `Decoding ${records.toLocaleString('en')} records`,
  [
    { title: 'decoder', text: ({ name }: { name: string; perS: number }) => name },
    { title: 'M records/s', text: ({ perS }: { name: string; perS: number }) => (perS / 1e6).toFixed(1) },
  ],
  [...rates].map(([name, all]) => ({
    name,
    perS: all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)],
  })),
);
