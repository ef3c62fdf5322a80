import { expect, test } from '@jest/globals';
import { PipelineFileError } from '../../../src/resource/mistake.ts';
import { mistakesIn, pipelineIn, withSpec } from './pipeline-of-file.ts';

const MANY_MISTAKES = `apiVersion: tidemark.dev/v1
kind: MovingAvarage
metadata:
  name: My Stocks
spec:
  kafka:
    clutser: my-cluster
  redis:
    url: redis://:hunter2@redis:6379
  input:
    topic: stocks
    file: trades.csv
    partitions: "12"
    format: json
    delimiter: "::"
    fields: { price: 3 }
  output:
    measures: [average, median, average]
  late: {}
  windows:
    - size: 3
      slide: 1s
    - { size: 1s, slide: 2s }
    - { size: 1m, trades: 10 }
    - { size: 60s }
    - { size: 1m }
    - {}
  emit: finally
  watermark:
    dealy: 5s
  scaling:
    minReplicas: 2
`;

test('every mistake of a file comes out at once, with its path, its line and a remedy', () => {
  expect(
    mistakesIn(MANY_MISTAKES).map(({ origin, path, message }) => `${origin} ${path} ${message}`),
  ).toEqual([
    'p.yaml:1:13 apiVersion expected tidemark.dev/v1alpha1, found "tidemark.dev/v1"',
    'p.yaml:2:7 kind expected MovingAverage, found "MovingAvarage"',
    'p.yaml:4:9 metadata.name expected a name of up to 63 small letters, digits and inner hyphens such as stocks, found "My Stocks"',
    'p.yaml:7:5 spec.kafka.clutser is not a known key; did you mean cluster?',
    'p.yaml:9:10 spec.redis.url expected the URL of a Redis without a user or password such as redis://redis:6379, found one with a login inside: put the password into a Secret and name it in passwordSecretRef',
    'p.yaml:12:11 spec.input.file is one too many beside topic: keep one of topic, file, socket, demo',
    'p.yaml:13:17 spec.input.partitions expected a whole number from 1 to 10000 such as 12, found "12" in quotes',
    'p.yaml:15:16 spec.input.delimiter expected one ASCII character that is no letter, digit, quote or point such as ";" or "\\t", found "::"',
    'p.yaml:16:22 spec.input.fields.price expected a name such as price because JSON has no positions, found 3',
    'p.yaml:18:25 spec.output.measures[1] expected average, min, max, count, volume or vwap, found "median"',
    'p.yaml:18:33 spec.output.measures[2] average stands in the list twice: keep one',
    'p.yaml:19:9 spec.late expected topic or file such as topic: stocks_late, found neither',
    'p.yaml:21:13 spec.windows[0].size expected a duration above zero such as 3s, found 3 without a unit: write 3s for seconds or 3ms for milliseconds',
    'p.yaml:23:26 spec.windows[1].slide expected at most the size, which is 1s, found 2s: trades between two windows would be in none',
    'p.yaml:24:27 spec.windows[2].trades does not go with size: a window is { size: 3s, slide: 1s } over time or { trades: 100, every: 10 } over trades',
    'p.yaml:26:7 spec.windows[4] is the same window as spec.windows[3]: keep one',
    'p.yaml:27:7 spec.windows[5] expected a window such as { size: 3s, slide: 1s } or { trades: 100 }, found neither size nor trades',
    'p.yaml:28:9 spec.emit expected final or update, found "finally"',
    'p.yaml:30:5 spec.watermark.dealy is not a known key; did you mean delay?',
    'p.yaml:31:3 spec.scaling.maxReplicas is missing: expected a whole number from 1 to 10000 such as 12',
  ]);
});

test('the message of the error has a line for each mistake', () => {
  const text =
    'apiVersion: tidemark.dev/v1alpha1\nkind: MovingAverage\nmetadata: {}\nspec: { windows: [] }\n';
  expect(() => pipelineIn(text)).toThrow(PipelineFileError);
  expect(() => pipelineIn(text)).toThrow(
    'p.yaml:3:1: metadata.name: is missing: expected a name of up to 63 small letters, digits and inner hyphens such as stocks\n' +
      'p.yaml:4:18: spec.windows: expected a list of 1 to 16 windows such as [{ size: 3s, slide: 1s }], found an empty list',
  );
});

test('a required key that is missing is shown at the key of its mapping', () => {
  const text =
    'apiVersion: tidemark.dev/v1alpha1\nkind: MovingAverage\nmetadata:\n  name: a\nspec:\n  emit: final\n';
  expect(mistakesIn(text)).toEqual([
    {
      path: 'spec.windows',
      origin: 'p.yaml:5:1',
      message: 'is missing: expected a list of 1 to 16 windows such as [{ size: 3s, slide: 1s }]',
    },
  ]);
});

test('an unknown key does not hide a mistake in the key that it resembles', () => {
  expect(mistakesIn(withSpec('{ rate: 1, late: 0, windows: [{ size: 3s }] }'))).toMatchObject([
    { path: 'spec.rate', message: 'is not a known key; did you mean late?' },
    { path: 'spec.late', message: 'expected a mapping such as { topic: stocks_late }, found 0' },
  ]);
});
