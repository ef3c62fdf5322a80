import { expect, test } from '@jest/globals';
import { formatShape, parseShape, type CheckpointShape } from '../../../src/pipeline/checkpoint-shape.ts';

const SHAPE: CheckpointShape = {
  windows: [
    { kind: 'time', sizeMs: 3_000, slideMs: 1_000 },
    { kind: 'count', trades: 100, every: 10 },
  ],
  priceDecimals: 2,
  quantityDecimals: undefined,
};

test('a shape that is written is read again, and equal ones are equal as text', () => {
  for (const shape of [SHAPE, { ...SHAPE, quantityDecimals: 3 }]) {
    expect(parseShape(formatShape(shape))).toEqual(shape);
  }
  const otherwiseOrdered = {
    quantityDecimals: undefined,
    priceDecimals: 2,
    windows: [{ slideMs: 1_000, sizeMs: 3_000, kind: 'time' } as const, SHAPE.windows[1]],
  };
  expect(formatShape(otherwiseOrdered)).toBe(formatShape(SHAPE));
});

test('anything that makes other figures makes another text', () => {
  const others: Partial<CheckpointShape>[] = [
    { priceDecimals: 3 },
    { quantityDecimals: 0 },
    { windows: SHAPE.windows.slice(1) },
    { windows: [{ kind: 'time', sizeMs: 3_000, slideMs: 500 }, SHAPE.windows[1]] },
  ];
  const texts = [{}, ...others].map((other) => formatShape({ ...SHAPE, ...other }));
  expect(new Set(texts).size).toBe(texts.length);
});

test.each(['', 'x', 'null', '[1,[],2,null]', '{"v":3}'])(
  'what others have written is no shape: %s',
  (text) => {
    expect(parseShape(text)).toBeUndefined();
  },
);
