import { expect, test } from '@jest/globals';
import { namespaceNames } from '../../../src/cli/flag-values.ts';

test('namespaces are named with commas between or one by one, each once', () => {
  expect(namespaceNames('trading')).toEqual(['trading']);
  expect(namespaceNames('trading, research,trading')).toEqual(['trading', 'research']);
  expect(namespaceNames('research', ['trading'])).toEqual(['trading', 'research']);
});

test('a variable that is set and empty names none, which are all', () => {
  expect(namespaceNames('')).toEqual([]);
});

test.each(['Trading', 'trading research', '*', 'a_b', 'a'.repeat(64), '-a'])(
  'what can be no namespace is refused by its name: %s',
  (text) => {
    expect(() => namespaceNames(text)).toThrow(/Names of namespaces are expected, such as trading,research/);
  },
);
