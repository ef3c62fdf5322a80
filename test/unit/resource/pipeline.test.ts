import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { pipelineOf } from '../../../src/resource/parse.ts';
import { secretRefs } from '../../../src/resource/secret-refs.ts';
import { pipelineIn, withSpec } from './pipeline-of-file.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))(
  'examples/%s is a pipeline',
  (name) => {
    expect(pipelineIn(readFileSync(new URL(name, EXAMPLES), 'utf8')).name).toBe(name.replace('.yaml', ''));
  },
);

test('a file says everything, and durations become milliseconds', () => {
  const pipeline = pipelineIn(readFileSync(new URL('stocks.yaml', EXAMPLES), 'utf8'));
  expect(pipeline).toEqual({
    name: 'stocks',
    kafka: { brokers: { kind: 'cluster', name: 'my-cluster' }, tls: undefined, sasl: undefined },
    redis: {
      servers: { kind: 'single', url: 'redis://redis:6379' },
      passwordSecretRef: { name: 'redis', key: 'password' },
    },
    input: {
      source: { kind: 'topic', topic: 'stocks' },
      partitions: 12,
      rekey: false,
      format: 'csv',
      header: 'auto',
      delimiter: ',',
      fields: { symbol: 'stockName' },
      timeUnit: 'ms',
      priceDecimals: 6,
      quantityDecimals: 6,
      priceScale: 0,
      quantityScale: 0,
    },
    output: {
      destination: { kind: 'topic', topic: 'stocks_averages' },
      measures: ['average', 'min', 'max', 'count'],
    },
    late: { kind: 'topic', topic: 'stocks_late' },
    deadLetters: { kind: 'topic', topic: 'stocks_dead' },
    windows: [{ kind: 'time', sizeMs: 3000, slideMs: 1000 }],
    emit: 'final',
    delayMs: 5000,
    idleAfterMs: 10_000,
    scaling: { minReplicas: 2, maxReplicas: 12, catchUpWithinMs: 60_000, metrics: 'operator' },
    deletionPolicy: 'Retain',
  });
});

test('windows alone are enough: no input yet, no delay, windows side by side', () => {
  const pipeline = pipelineIn(withSpec('{ windows: [{ size: 1m30s }, { trades: 7 }] }'));
  expect(pipeline).toMatchObject({
    input: { source: undefined, fields: {} },
    windows: [
      { kind: 'time', sizeMs: 90_000, slideMs: 90_000 },
      { kind: 'count', trades: 7, every: 7 },
    ],
    delayMs: 0,
    idleAfterMs: undefined,
  });
});

test.each([
  ['{ file: trades.csv }', { kind: 'file', path: 'trades.csv' }],
  ['{ file: "-" }', { kind: 'file', path: '-' }],
  ['{ socket: "tcp://localhost:9999" }', { kind: 'socket', host: 'localhost', port: 9999 }],
  ['{ socket: "tcp://[::1]:9999" }', { kind: 'socket', host: '::1', port: 9999 }],
  ['{ demo: }', { kind: 'demo', symbols: 8, tradesPerSecond: 1000, disorderMs: 500, lateShare: 0, seed: 1 }],
])('input %s', (input, source) => {
  expect(pipelineIn(withSpec(`{ input: ${input}, windows: [{ size: 3s }] }`)).input.source).toEqual(source);
});

test.each(['[a:1, b:2]', '"a:1, b:2"'])('brokers as %s', (servers) => {
  const pipeline = pipelineIn(
    withSpec(`{ kafka: { bootstrapServers: ${servers} }, windows: [{ size: 3s }] }`),
  );
  expect(pipeline.kafka?.brokers).toEqual({ kind: 'servers', addresses: ['a:1', 'b:2'] });
});

test('logins and the ways to deploy Redis, spelt out', () => {
  const oauth =
    '{ mechanism: oauthbearer, tokenEndpoint: "https://sso/t", clientId: c, clientSecretRef: { name: s, key: k } }';
  const redis =
    '{ sentinel: { master: m, addresses: ["a:1"] }, tls: { caSecretRef: { name: r, key: ca.crt } } }';
  const pipeline = pipelineIn(
    withSpec(`{ kafka: { cluster: a, tls: , sasl: ${oauth} }, redis: ${redis}, windows: [{ size: 3s }] }`),
  );
  expect(pipeline.kafka).toMatchObject({
    tls: { caSecretRef: undefined, certificateSecretRef: undefined },
    sasl: {
      mechanism: 'oauthbearer',
      tokenEndpoint: 'https://sso/t',
      clientId: 'c',
      clientSecretRef: { name: 's', key: 'k' },
    },
  });
  expect(pipeline.redis?.servers).toEqual({
    kind: 'sentinel',
    master: 'm',
    addresses: ['a:1'],
    database: 0,
    username: undefined,
    passwordSecretRef: undefined,
  });
  expect(secretRefs(pipeline)).toEqual([
    { name: 'r', key: 'ca.crt', place: 'spec.redis.tls.caSecretRef' },
    { name: 's', key: 'k', place: 'spec.kafka.sasl.clientSecretRef' },
  ]);
});

test('key is short for fields.symbol', () => {
  const keyed = pipelineIn(
    withSpec('{ input: { key: ticker, fields: { price: 3 } }, windows: [{ size: 3s }] }'),
  );
  expect(keyed.input.fields).toEqual({ symbol: 'ticker', price: 3 });
});

test('a JSON file is a pipeline file too, tabs and all', () => {
  const resource = {
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { name: 'stocks' },
    spec: { windows: [{ size: '3s' }] },
  };
  expect(pipelineIn(JSON.stringify(resource, null, '\t')).name).toBe('stocks');
});

test('without a file there are made-up trades, 3 s windows every second and a delay of 5 s', () => {
  expect(pipelineOf([])).toMatchObject({
    name: 'tidemark',
    input: { source: { kind: 'demo' } },
    windows: [{ kind: 'time', sizeMs: 3000, slideMs: 1000 }],
    delayMs: 5000,
  });
});
