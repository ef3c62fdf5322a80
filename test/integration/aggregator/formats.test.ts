import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import avsc from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import protobuf from 'protobufjs';
import type { Finding } from '../../../src/cli/finding.ts';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { readRaw } from '../../support/raw-reader.ts';
import { seededRandom } from '../../support/random.ts';
import { framed } from '../../support/registered.ts';
import { startSchemaRegistry, type TestRegistry } from '../../support/schema-registry.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Tidemark } from '../../support/tidemark.ts';
import { createTopics } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let registry: TestRegistry;
let aggregator: AggregatorProcess | undefined;

beforeAll(async () => {
  [kafka, registry] = await Promise.all([startKafka(), startSchemaRegistry()]);
});

afterEach(async () => {
  await aggregator?.end('SIGKILL');
  aggregator = undefined;
});

afterAll(async () => {
  await Promise.all([kafka.stop(), registry.stop()]);
});

const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
const DELAY_MS = 2_000;
const START_MS = 1_700_000_000_000;

interface MarketTrade {
  readonly symbol: string;
  readonly cents: number;
  readonly timeMs: number;
}

/** Ten a second, out of order by up to a second; one in a hundred comes too late for its windows. */
function market(count: number): MarketTrade[] {
  const random = seededRandom(11);
  return Array.from({ length: count }, (_, i) => ({
    symbol: ['AMC', 'AGL', 'ANZ'][Math.floor(random() * 3)],
    cents: 100 + Math.floor(random() * 90_000),
    timeMs: START_MS + i * 100 - Math.floor(random() * 1_000) - (i % 100 === 99 ? 20_000 : 0),
  }));
}

/** The same trades as the recomputation reads them. */
function asCsv(trades: readonly MarketTrade[]) {
  return trades.map(({ symbol, cents, timeMs }, offset) => ({
    partition: 0,
    offset,
    timestampMs: 0,
    key: symbol,
    value: `${symbol},BUY ,${(cents / 100).toFixed(2)},1,${timeMs},`,
  }));
}

/** What must be out once the last trade is in. */
function expectedOf(trades: readonly MarketTrade[]) {
  const { results, late } = expectedResults(asCsv(trades), WINDOWS, DELAY_MS);
  const watermarkMs = Math.max(...trades.map(({ timeMs }) => timeMs)) - DELAY_MS;
  const closed = [...results].filter(([, text]) => (JSON.parse(text) as { end: number }).end <= watermarkMs);
  return { results: new Map(closed), late };
}

interface Message {
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

async function produce(topic: string, messages: readonly Message[]): Promise<void> {
  const producer = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  for (let at = 0; at < messages.length; at += 500)
    await producer.send({ topic, messages: messages.slice(at, at + 500).map((message) => ({ ...message })) });
  await producer.disconnect();
}

async function start(name: string, input: string, url = registry.url): Promise<AggregatorProcess> {
  const outputs = [`${name}_averages`, `${name}_late`, `${name}_dead`, `tidemark.${name}.rekeyed`];
  await createTopics(kafka.brokers, Object.fromEntries([name, ...outputs].map((topic) => [topic, 1])));
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${name} }
spec:
  schemaRegistry: { url: ${url} }
  input: { topic: ${name}, ${input} }
  output: { topic: ${name}_averages }
  late: { topic: ${name}_late }
  deadLetters: { topic: ${name}_dead }
  windows: [{ size: 3s, slide: 1s }]
  watermark: { delay: 2s }
`,
  );
  return (aggregator = new AggregatorProcess(file, `${name}-1`, kafka.brokers));
}

async function metric(name: string): Promise<number> {
  const page = (await aggregator?.page('metrics').catch(() => '')) ?? '';
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(page)?.[1] ?? 0);
}

/** Waits until so many records are processed and all is committed, and compares with the recomputation. */
async function expectExact(name: string, trades: readonly MarketTrade[], records: number): Promise<void> {
  const { results, late } = expectedOf(trades);
  await until(
    `${records} records are processed`,
    async () => (await metric('tidemark_records_total')) >= records,
  );
  await until(
    'all results are written',
    async () => (await metric('tidemark_results_total')) >= results.size,
  );
  const written = await readRaw(kafka.brokers, `${name}_averages`, 1);
  expect(writtenResults(written.map((each) => ({ ...each, timestampMs: 0 })))).toEqual(results);
  expect(await readRaw(kafka.brokers, `${name}_late`, 1)).toHaveLength(late.size);
}

const AVRO = {
  type: 'record',
  name: 'Trade',
  namespace: 'market',
  fields: [
    { name: 'venue', type: ['null', 'string'] },
    { name: 'ticker', type: 'string' },
    { name: 'details', type: { type: 'map', values: { type: 'array', items: 'double' } } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 4 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
  ],
};
const AVRO_FIELDS = 'fields: { time: at }';
const avro = avsc.Type.forSchema(AVRO as never, { wrapUnions: 'always' });

function avroValue({ symbol, cents, timeMs }: MarketTrade): Buffer {
  const price = Buffer.alloc(5);
  price.writeIntBE(cents * 100, 0, 5);
  const details = { depth: [1.5, 2.5] };
  return avro.toBuffer({ venue: { string: 'ASX' }, ticker: symbol, details, price, at: timeMs * 1_000 + 7 });
}

test('Avro: averages are those of a recomputation; tombstones are passed over, what is no trade keeps its headers', async () => {
  const id = await registry.register('avro-stocks-value', JSON.stringify(AVRO));
  const trades = market(3_000);
  await start('avro-stocks', `format: avro, ${AVRO_FIELDS}`);
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headers = { traceparent, tracestate: 'vendor=1' };
  const messages = trades.map((trade) => ({ value: framed(id, avroValue(trade)), headers }));
  const others = [
    { value: null },
    { value: Buffer.from('not framed'), headers },
    { value: framed(id, Buffer.of(1)) },
  ];
  await produce('avro-stocks', [...messages.slice(0, 1_000), ...others, ...messages.slice(1_000)]);
  await expectExact('avro-stocks', trades, 3_003);
  expect(await metric('tidemark_tombstones_total')).toBe(1);

  const dead = await readRaw(kafka.brokers, 'avro-stocks_dead', 1);
  const told = dead.map(({ value }) => JSON.parse(value ?? '') as { code: string; offset: number });
  expect(told).toMatchObject([
    { code: 'not-framed', offset: 1_001, value: 'not framed' },
    { code: 'malformed', offset: 1_002 },
  ]);
  const kept = [
    ['traceparent', traceparent],
    ['tracestate', 'vendor=1'],
  ];
  expect(dead[0].headers).toEqual(kept);
  const late = await readRaw(kafka.brokers, 'avro-stocks_late', 1);
  expect(late[0].headers).toEqual(kept);
  const results = await readRaw(kafka.brokers, 'avro-stocks_averages', 1);
  expect(results.filter((result) => result.headers.length > 0)).toEqual([]);
});

test('a schema that changes while records come, and one that refers to another', async () => {
  const side = { type: 'enum', name: 'Side', namespace: 'market', symbols: ['BUY', 'SELL'] };
  await registry.register('market.Side', JSON.stringify(side));
  const before = await registry.register('evolving-value', JSON.stringify(AVRO));
  const changed = {
    ...AVRO,
    fields: [{ name: 'side', type: 'market.Side', default: 'BUY' }, ...AVRO.fields.slice(1)],
  };
  const references = [{ name: 'market.Side', subject: 'market.Side', version: 1 }];
  const after = await registry.register('changed-value', JSON.stringify(changed), { references });
  const names: Record<string, avsc.Type> = {};
  avsc.Type.forSchema(side as never, { registry: names });
  const newer = avsc.Type.forSchema(changed as never, { registry: names });
  const trades = market(1_000);
  const messages = trades.map((trade, i) => {
    if (i < 500) return { value: framed(before, avroValue(trade)) };
    const value = avro.fromBuffer(avroValue(trade)) as object;
    return { value: framed(after, newer.toBuffer({ ...value, side: 'SELL' })) };
  });
  await start('evolving', `format: avro, ${AVRO_FIELDS}`);
  await produce('evolving', messages);
  await expectExact('evolving', trades, 1_000);
});

test('Avro arrays: a message of several trades', async () => {
  const schema = { type: 'array', items: AVRO };
  const id = await registry.register('avro-arrays-value', JSON.stringify(schema));
  const array = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  const trades = market(1_000);
  const messages = Array.from({ length: 100 }, (_, i) => {
    const some = trades
      .slice(10 * i, 10 * i + 10)
      .map((trade) => avro.fromBuffer(avroValue(trade)) as object);
    return { value: framed(id, array.toBuffer(some)) };
  });
  await start('avro-arrays', `format: avro, ${AVRO_FIELDS}`);
  await produce('avro-arrays', messages);
  await expectExact('avro-arrays', trades, 100);
});

test('check tells whether the registry answers, has the schema, and the schema has what a trade needs', async () => {
  const checked = async (name: string, env: Readonly<Record<string, string>> = {}) => {
    const brokers = { TIDEMARK_KAFKA_BROKERS: kafka.brokers.join(',') };
    const command = new Tidemark(['check', join(folder, `${name}.yaml`), '--json'], {
      env: { ...brokers, ...env },
    });
    const { findings } = JSON.parse((await command.finished).stdout) as { findings: Finding[] };
    return findings.filter(({ subject }) => subject.startsWith('schema'));
  };
  await start('checked', `format: avro, ${AVRO_FIELDS}`);
  expect(await checked('checked')).toMatchObject([{ ok: true }, { ok: false, code: 'SCHEMA_MISSING' }]);
  await registry.register('checked-value', JSON.stringify(AVRO));
  expect(await checked('checked')).toMatchObject([
    { ok: true, message: 'answers' },
    { ok: true, message: 'symbol is in ticker, price is in price, time is in at' },
  ]);
  const poorer = { ...AVRO, fields: AVRO.fields.filter(({ name }) => name !== 'at') };
  await registry.register('checked-value', JSON.stringify(poorer));
  expect((await checked('checked'))[1]).toMatchObject({
    ok: false,
    code: 'SCHEMA_UNFIT',
    message: 'The latest schema has no field for the time.',
  });
  const elsewhere = registry.url.replace('/apis/ccompat/v7', '/nowhere');
  expect(await checked('checked', { TIDEMARK_SCHEMA_REGISTRY_URL: elsewhere })).toMatchObject([
    { ok: false, code: 'REGISTRY_ANSWER' },
  ]);
  expect(await checked('checked', { TIDEMARK_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' })).toMatchObject([
    { ok: false, code: 'REGISTRY_UNREACHABLE' },
  ]);
});

const PROTO = `syntax = "proto3";
package market;
import "google/protobuf/timestamp.proto";
message Heartbeat { int64 sequence = 1; }
message Trade {
  string venue = 1;
  string symbol = 2;
  double price = 3;
  google.protobuf.Timestamp time = 4;
  repeated int64 order_ids = 5;
}`;

test('Protobuf: averages are those of a recomputation; a restart asks for the schema again and goes on', async () => {
  const id = await registry.register('proto-value', PROTO, { schemaType: 'PROTOBUF' });
  const root = new protobuf.Root();
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')?.nested ?? {});
  const type = protobuf.parse(PROTO, root, { keepCase: true }).root.lookupType('market.Trade');
  const trades = market(2_000);
  const messages = trades.map(({ symbol, cents, timeMs }) => {
    const time = { seconds: Math.floor(timeMs / 1000), nanos: (timeMs % 1000) * 1_000_000 + 999_999 };
    const message = type.fromObject({
      venue: 'ASX',
      symbol,
      price: cents / 100,
      time,
      order_ids: [1, 2 ** 40],
    });
    return { value: framed(id, type.encode(message).finish(), [2, 2]) }; // one index, 1: the second message
  });
  const first = await start('proto', 'format: protobuf');
  await produce('proto', messages.slice(0, 1_000));
  await until('the first half is in', async () => (await metric('tidemark_records_total')) >= 1_000);
  await first.end('SIGKILL');
  aggregator = new AggregatorProcess(join(folder, 'proto.yaml'), 'proto-1', kafka.brokers);
  await produce('proto', messages.slice(1_000));
  const { results } = expectedOf(trades);
  const name = 'proto_averages';
  await until('all results are written', async () => {
    return (await readRaw(kafka.brokers, name, 1)).length >= results.size;
  });
  const written = await readRaw(kafka.brokers, name, 1);
  expect(writtenResults(written.map((each) => ({ ...each, timestampMs: 0 })))).toEqual(results);
});

test('JSON arrays: each element is a trade or a dead letter with its index', async () => {
  const trades = market(1_000);
  const texts = trades.map(
    ({ symbol, cents, timeMs }) =>
      `{"symbol":"${symbol}","price":${(cents / 100).toFixed(2)},"time":${timeMs}}`,
  );
  const messages = Array.from({ length: 100 }, (_, i) => {
    const some = texts.slice(10 * i, 10 * i + 10);
    return {
      value: Buffer.from(`[${[...some.slice(0, 3), '{"symbol":"AMC"}', ...some.slice(3)].join(',')}]`),
    };
  });
  await start('json-arrays', 'format: json');
  await produce('json-arrays', messages);
  await expectExact('json-arrays', trades, 100);
  const dead = await readRaw(kafka.brokers, 'json-arrays_dead', 1);
  expect(dead).toHaveLength(100);
  expect(JSON.parse(dead[0].value ?? '')).toMatchObject({
    offset: 0,
    index: 3,
    code: 'missing-field',
    value: '{"symbol":"AMC"}',
  });
});

test.each([
  ['', 'away', '', (trades: number) => trades + 1],
  [' before re-keying', 'away-rekeyed', ', rekey: true', (trades: number, late: number) => trades - late],
])(
  'an id that the registry does not have%s makes dead letters; a registry that is away makes none',
  async (_, name, rekey, folded) => {
    const id = await registry.register(`${name}-value`, JSON.stringify(AVRO));
    const trades = market(500);
    await registry.process.kill();
    await start(name, `format: avro, ${AVRO_FIELDS}${rekey}`);
    await produce(
      name,
      trades.map((trade) => ({ value: framed(id, avroValue(trade)) })),
    );
    await until('the process says what it waits for', async () =>
      ((await aggregator?.page('readyz').catch(() => '')) ?? '').includes(`"part":"schema ${id}"`),
    );
    expect(await readRaw(kafka.brokers, `${name}_dead`, 1)).toEqual([]);

    await registry.process.start(120_000); // with its memory gone: every id is taken anew, in the same order
    for (let given = 0; given < id - 1;)
      given = await registry.register(`filler-${given}`, JSON.stringify(distinct()));
    expect(await registry.register(`${name}-value`, JSON.stringify(AVRO))).toBe(id);
    await produce(name, [{ value: framed(999_999, Buffer.of(0)) }]);
    await expectExact(name, trades, folded(trades.length, expectedOf(trades).late.size));
    await until(
      'the dead letter is written',
      async () => (await readRaw(kafka.brokers, `${name}_dead`, 1)).length > 0,
    );
    const dead = await readRaw(kafka.brokers, `${name}_dead`, 1);
    expect(dead.map(({ value }) => JSON.parse(value ?? '') as object)).toMatchObject([
      { code: 'schema-unknown' },
    ]);
    expect(await aggregator?.page('readyz')).toContain('"ready":true');
  },
);

test('re-keyed, each trade of an Avro array goes to the partition of its symbol, and averages are those of a recomputation', async () => {
  const id = await registry.register('rekeyed-value', JSON.stringify({ type: 'array', items: AVRO }));
  const trades = market(1_000);
  const blocks = (elements: readonly Buffer[]): Buffer =>
    Buffer.concat([avsc.Type.forSchema('int').toBuffer(elements.length), ...elements, Buffer.of(0)]);
  const noSymbol = avroValue({ symbol: '', cents: 1, timeMs: START_MS });
  const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  const messages = Array.from({ length: 100 }, (_, i) => {
    const some = trades.slice(10 * i, 10 * i + 10).map(avroValue);
    return { value: framed(id, blocks([...some.slice(0, 3), noSymbol, ...some.slice(3)])), headers };
  });
  await start('rekeyed', `format: avro, rekey: true, ${AVRO_FIELDS}`);
  await produce('rekeyed', [{ value: null }, ...messages]);
  await expectExact('rekeyed', trades, trades.length - expectedOf(trades).late.size);
  expect(await metric('tidemark_tombstones_total')).toBe(1);

  const kept = Object.entries(headers);
  const dead = await readRaw(kafka.brokers, 'rekeyed_dead', 1);
  expect(dead).toHaveLength(100);
  expect(JSON.parse(dead[0].value ?? '')).toMatchObject({ topic: 'rekeyed', offset: 1, index: 3 });
  const between = await readRaw(kafka.brokers, 'tidemark.rekeyed.rekeyed', 1);
  const passedOn = between.filter(({ key }) => key !== null);
  for (const records of [dead, await readRaw(kafka.brokers, 'rekeyed_late', 1), passedOn])
    expect(records.filter((record) => JSON.stringify(record.headers) !== JSON.stringify(kept))).toEqual([]);
});

let schemasMade = 0;

function distinct(): object {
  return { type: 'record', name: `Filler${++schemasMade}`, fields: [] };
}
