import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PipelineFileError } from '../../../src/resource/mistake.ts';
import { mistakesIn, pipelineIn, withSpec } from './pipeline-of-file.ts';

const BOMB = ['a: &a [x,x,x,x,x,x,x,x,x]']
  .concat(['b', 'c', 'd', 'e'].map((name, index) => `${name}: &${name} [${`*${'abcd'[index]},`.repeat(9)}]`))
  .join('\n');

test.each([
  ['an empty file', '', '1:1', 'found an empty file'],
  ['a file of comments', '# nothing\n', '1:1', 'found an empty file'],
  ['a list', '- a\n', '1:1', 'found a list of 1'],
  ['a text', 'hello\n', '1:1', 'expected a mapping such as { apiVersion: tidemark.dev/v1alpha1'],
  [
    'a tab',
    withSpec('\n\twindows: [{ size: 3s }]'),
    '5:1',
    'a tab cannot indent YAML: put spaces in its place',
  ],
  [
    'two documents',
    `${withSpec('{}')}---\n${withSpec('{}')}`,
    '5:1',
    'put each pipeline into a file of its own',
  ],
  ['an open list', withSpec('\n  windows: [{ size: 3s }\n  emit: final'), '6:3', 'close every [ and {'],
  ['an open quote', withSpec('\n  emit: "final'), '6:1', 'Missing closing "quote'],
  ['two keys in one line', withSpec('a: b'), '4:7', 'a second "key: value" on one line'],
  ['a key that is a list', '? [a]\n: 1\n', '1:3', 'a key must be a text'],
  ['an unknown tag', withSpec('!spec {}'), '4:7', 'this !tag is not known'],
  ['an alias for nothing', withSpec('*windows'), '4:7', '*windows stands for nothing'],
  ['aliases that multiply', BOMB, '1:1', 'multiply beyond measure'],
  ['a deep nest', '['.repeat(50_000), expect.any(String), 'the nesting is too deep'],
])('%s is told in words', (_, text, lineAndColumn, message) => {
  expect(mistakesIn(text)).toEqual([
    {
      path: '',
      origin: typeof lineAndColumn === 'string' ? `p.yaml:${lineAndColumn}` : lineAndColumn,
      message: expect.stringContaining(message),
    },
  ]);
});

test('a key that stands twice is a mistake beside the others', () => {
  expect(mistakesIn(withSpec('\n  windows:\n  - size: 3s\n    size: 1m\n  emit: no'))).toMatchObject([
    {
      path: 'spec.windows[0].size',
      origin: 'p.yaml:7:5',
      message: 'stands twice in the same mapping: keep one',
    },
    { path: 'spec.emit', origin: 'p.yaml:8:9', message: 'expected final or update, found "no"' },
  ]);
});

test('a mistake inside what an alias stands for is shown at the alias', () => {
  const text = withSpec('{ late: &gone { topic: a b }, deadLetters: *gone, windows: [{ size: 3s }] }');
  expect(mistakesIn(text).map(({ path, origin }) => `${path} ${origin}`)).toEqual([
    'spec.late.topic p.yaml:4:30',
    'spec.deadLetters.topic p.yaml:4:37',
  ]);
});

test('whatever a file holds, it is a pipeline or has mistakes in words of our own', () => {
  const words = [
    '{',
    '}',
    '[',
    ']',
    ': ',
    ', ',
    '\n',
    '  ',
    '\t',
    '- ',
    '*a',
    '&a ',
    '"',
    '? ',
    '---\n',
    '3',
    'null',
  ];
  const keys = ['spec', 'windows', 'size', '3s', 'input', 'topic', 'kafka', 'fields', '__proto__'];
  const text = fc.array(fc.constantFrom(...words, ...keys), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(text, text.map(withSpec), fc.json(), fc.json().map(withSpec)), isReadOrExplained),
    { numRuns: 2000 },
  );
});

function isReadOrExplained(file: string): boolean {
  try {
    return pipelineIn(file).name !== '';
  } catch (error) {
    return error instanceof PipelineFileError && !/Invalid|received|undefined|NaN/.test(error.message);
  }
}
