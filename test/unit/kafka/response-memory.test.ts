import { expect, test } from '@jest/globals';
import { giveBack, ResponseMemory } from '../../../src/kafka/response-memory.ts';

test('memory that is given back is lent again, as long as it is wanted', () => {
  const memory = new ResponseMemory();
  const first = memory.lend(300_000);
  giveBack(first.subarray(4, 10));
  const second = memory.lend(299_999);
  expect(second.buffer).toBe(first.buffer);
  expect(second).toHaveLength(299_999);
});

test('memory that is not given back is not lent twice', () => {
  const memory = new ResponseMemory();
  const first = memory.lend(300_000);
  expect(memory.lend(300_000).buffer).not.toBe(first.buffer);
});

test('giving the same back again changes nothing', () => {
  const memory = new ResponseMemory();
  const first = memory.lend(300_000);
  giveBack(first);
  giveBack(first);
  expect(memory.lend(1).buffer).toBe(first.buffer);
  expect(memory.lend(1).buffer).not.toBe(first.buffer);
});

test('what was never lent stays whose it is', () => {
  const memory = new ResponseMemory();
  const own = Buffer.from('part of the pool that small buffers share');
  giveBack(own);
  expect(memory.lend(1).buffer).not.toBe(own.buffer);
});

test('two pieces of memory are kept, the largest', () => {
  const memory = new ResponseMemory();
  const lent = [1, 2, 3].map((megabytes) => memory.lend(megabytes * 1024 * 1024));
  for (const each of lent) giveBack(each);
  const again = [1, 1, 1].map((length) => memory.lend(length).buffer);
  expect(again).toContain(lent[1].buffer);
  expect(again).toContain(lent[2].buffer);
  expect(again).not.toContain(lent[0].buffer);
});
