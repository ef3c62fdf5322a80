import { expect, test } from '@jest/globals';
import { pipelineOf } from '../../../src/resource/parse.ts';
import { mistakesIn, mistakesOfOptions, pipelineIn, withSpec } from './pipeline-of-file.ts';

const FILE = withSpec(
  '{ input: { topic: stocks, key: stockName }, output: { topic: averages }, windows: [{ size: 3s }] }',
);

test('an override takes the place of a value, or adds one', () => {
  const pipeline = pipelineIn(FILE, [
    { path: ['spec', 'windows', 0, 'slide'], value: '1s', origin: '--window' },
    { path: ['spec', 'watermark', 'delay'], value: '2s', origin: '--delay' },
  ]);
  expect(pipeline).toMatchObject({ windows: [{ sizeMs: 3000, slideMs: 1000 }], delayMs: 2000 });
});

test('an override without a value takes the key away', () => {
  const pipeline = pipelineIn(FILE, [
    { path: ['spec', 'output', 'topic'], value: undefined, origin: '--no-output' },
    { path: ['spec', 'redis', 'url'], value: undefined, origin: '--no-redis' },
  ]);
  expect(pipeline.output.destination).toBeUndefined();
  expect(pipeline.redis).toBeUndefined();
});

test('an override of the input or output displaces the one of the file', () => {
  const pipeline = pipelineIn(FILE, [
    { path: ['spec', 'input', 'demo', 'seed'], value: 7, origin: '--seed' },
    { path: ['spec', 'output', 'file'], value: 'a.csv', origin: '--output' },
    { path: ['spec', 'input', 'fields', 'symbol'], value: 1, origin: '--symbol' },
  ]);
  expect(pipeline.input.source).toMatchObject({ kind: 'demo', seed: 7 });
  expect(pipeline.input.fields.symbol).toBe(1);
  expect(pipeline.output.destination).toEqual({ kind: 'file', path: 'a.csv' });
});

test('a file in the place of a topic is not re-keyed: all its trades come in one', () => {
  const rekeyed = withSpec('{ input: { topic: stocks, rekey: true }, windows: [{ size: 3s }] }');
  const override = { path: ['spec', 'input', 'file'], value: 'a.csv', origin: '--input' };
  expect(pipelineIn(rekeyed, [override]).input).toMatchObject({ source: { kind: 'file' }, rekey: false });
});

test('two inputs on the command line are a mistake of the command line', () => {
  const both = [
    { path: ['spec', 'input', 'topic'], value: 'a', origin: '--topic' },
    { path: ['spec', 'input', 'file'], value: 'b', origin: '--file' },
  ];
  expect(mistakesIn(FILE, both)).toMatchObject([{ path: 'spec.input.file', origin: '--file' }]);
  expect(mistakesOfOptions(both)).toMatchObject([{ path: 'spec.input.file', origin: '--file' }]);
});

test('a mistake is shown where it was made: in the file or in an option', () => {
  const mistakes = mistakesIn(withSpec('{ emit: no }'), [
    { path: ['spec', 'windows'], value: [{ size: '3' }], origin: '--window' },
    { path: ['spec', 'scaling', 'minReplicas'], value: 2, origin: '--min-replicas' },
  ]);
  expect(mistakes.map(({ path, origin }) => `${origin} ${path}`)).toEqual([
    'p.yaml:4:15 spec.emit',
    '--window spec.windows[0].size',
    '--min-replicas spec.scaling.maxReplicas',
  ]);
});

test('a file that is wrong where an override would go is still wrong', () => {
  const override = { path: ['spec', 'input', 'file'], value: 'a.csv', origin: '--input' };
  expect(mistakesIn(withSpec('{ input: 3, windows: [{ size: 3s }] }'), [override])).toMatchObject([
    { path: 'spec.input', message: 'expected a mapping such as { topic: stocks }, found 3' },
  ]);
});

test('without a file an input on the command line displaces the made-up trades', () => {
  const pipeline = pipelineOf([
    { path: ['metadata', 'name'], value: 'mine', origin: '--name' },
    { path: ['spec', 'input', 'file'], value: '-', origin: '--input' },
  ]);
  expect(pipeline).toMatchObject({
    name: 'mine',
    input: { source: { kind: 'file', path: '-' } },
    delayMs: 5000,
  });
});

test('without a file a clash with a default is a mistake of the command line', () => {
  const delay = { path: ['spec', 'watermark', 'delay'], value: '99999d', origin: '--delay' };
  expect(mistakesOfOptions([delay])).toMatchObject([{ path: 'spec.watermark.delay', origin: '--delay' }]);
  const slide = { path: ['spec', 'windows', 0, 'slide'], value: '10s', origin: '--slide' };
  expect(mistakesOfOptions([slide])).toMatchObject([{ path: 'spec.windows[0].slide', origin: '--slide' }]);
});
