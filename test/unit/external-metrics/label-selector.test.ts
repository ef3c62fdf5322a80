import { expect, test } from '@jest/globals';
import { parseSelector, SelectorError, selects } from '../../../src/external-metrics/label-selector.ts';

const STOCKS = { pipeline: 'stocks', tier: 'gold', empty: '' };

test.each([
  ['', true],
  ['pipeline=stocks', true],
  ['pipeline==stocks', true],
  ['pipeline = stocks', true],
  ['pipeline=bonds', false],
  ['pipeline!=bonds', true],
  ['pipeline!=stocks', false],
  ['absent!=anything', true],
  ['pipeline in (bonds, stocks)', true],
  ['pipeline in (bonds)', false],
  ['absent in (bonds)', false],
  ['pipeline notin (bonds)', true],
  ['pipeline notin (bonds,stocks)', false],
  ['absent notin (bonds)', true],
  ['pipeline', true],
  ['absent', false],
  ['!absent', true],
  ['!pipeline', false],
  ['empty=', true],
  ['empty==', true],
  ['pipeline=', false],
  ['empty in (,x)', true],
  ['pipeline=stocks,tier in (gold,silver),!absent', true],
  ['pipeline=stocks,tier=silver', false],
  ['toString', false],
  ['example.com/pipeline=stocks', false],
])('%s selects the labels of stocks: %s', (text, expected) => {
  expect(selects(parseSelector(text), STOCKS)).toBe(expected);
});

test('a key may have a prefix, and a word of the grammar may be a value', () => {
  expect(parseSelector('example.com/a.b_c-d=in')).toEqual([
    { key: 'example.com/a.b_c-d', operator: 'in', values: ['in'] },
  ]);
});

test.each([
  ['=stocks', 'expected the key of a label'],
  ['pipeline=stocks,', 'expected the key of a label, found the end'],
  ['pipeline in stocks', "expected (, found 'stocks'"],
  ['pipeline in (stocks', 'expected ), found the end'],
  ['pipeline stocks', 'expected one of'],
  ['pipeline>1', "found '>'"],
  ['pipeline=sto$cks', "found '$'"],
  ['pipeline=-stocks', 'expected the value of a label'],
  ['a//b', 'expected the key of a label'],
  [`pipeline=${'x'.repeat(64)}`, 'expected the value of a label'],
  ['pipeline===stocks', "expected the value of a label, found '='"],
])('%s is refused: %s', (text, message) => {
  expect(() => parseSelector(text)).toThrow(SelectorError);
  expect(() => parseSelector(text)).toThrow(message);
});
