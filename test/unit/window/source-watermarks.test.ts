import { expect, test } from '@jest/globals';
import { SourceWatermarks } from '../../../src/window/source-watermarks.ts';

const active = (watermarkMs: number) => ({ watermarkMs, isIdle: false });
const idle = (watermarkMs: number) => ({ watermarkMs, isIdle: true });

test('the source that is furthest behind decides', () => {
  const sources = new SourceWatermarks(2);
  sources.told(0, active(9_000));
  sources.told(1, active(4_000));
  expect(sources.atMs).toBe(4_000);
  sources.told(1, active(12_000));
  expect(sources.atMs).toBe(9_000);
});

test('nothing closes before every source has told', () => {
  const sources = new SourceWatermarks(3);
  sources.told(0, active(9_000));
  sources.told(2, active(9_000));
  expect(sources.atMs).toBe(-Infinity);
});

test('a source that is idle holds nobody up, also one that never had a trade', () => {
  const sources = new SourceWatermarks(3);
  sources.told(0, active(9_000));
  sources.told(1, idle(2_000));
  sources.told(2, idle(-Infinity));
  expect(sources.atMs).toBe(9_000);
});

test('where all are idle the furthest decides, so that what is left closes', () => {
  const sources = new SourceWatermarks(2);
  sources.told(0, idle(9_000));
  sources.told(1, idle(2_000));
  expect(sources.atMs).toBe(9_000);
});

test('a source that trades again is waited for again', () => {
  const sources = new SourceWatermarks(2, [active(9_000), idle(2_000)]);
  sources.told(1, active(2_000));
  expect(sources.atMs).toBe(2_000);
});

test('a partition that the input has got meanwhile counts from its first word on', () => {
  const sources = new SourceWatermarks(1);
  sources.told(0, active(9_000));
  sources.told(2, active(5_000));
  expect(sources.atMs).toBe(-Infinity);
  sources.told(1, active(7_000));
  expect(sources.atMs).toBe(5_000);
});
