import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkpointKeys } from '../../../src/redis/checkpoint-keys.ts';
import { change, pane, tail } from '../../support/checkpoints.ts';
import { startRedis } from '../../support/redis-server.ts';
import { RedisStores } from '../../support/redis-stores.ts';

const redis = await startRedis();
const stores = new RedisStores(redis.url);
const { client } = stores;
let head: string, panes: string, tails: string;

beforeEach(async () => {
  [head, panes, tails] = checkpointKeys(stores.pipeline, 3);
  const saved = change({ panes: [pane(0, { A: [1] }), pane(1000, { A: [2] })], tails: [tail(0, 'A', [1])] });
  await stores.open({ ttlMs: 30_000 }).save(3, 7n, saved);
});
afterEach(() => stores.clear());
afterAll(async () => {
  await stores.close();
  await redis.stop();
});

async function expectUnusable(trouble: string): Promise<void> {
  const store = stores.open();
  await expect(store.load(3)).resolves.toBeUndefined();
  expect(store.trouble).toMatchObject({ trouble });
  expect(store.isHealthy).toBe(true);
  await expect(store.save(3, 7n, change({ whole: false }))).rejects.toMatchObject({ trouble: 'base-lost' });
  await expect(store.save(3, 7n, change({ offset: 9n }))).resolves.toBe('saved');
  expect(await store.load(3)).toMatchObject({ offset: 9n, panes: [], tails: [] });
}

test('keys are named after pipeline and partition, and expire unless they are saved again', async () => {
  expect([head, panes, tails]).toEqual(
    ['head', 'panes', 'tails'].map((part) => `tidemark:{${stores.pipeline}/3}:${part}`),
  );
  for (const key of [head, panes, tails]) {
    expect(await client.pttl(key)).toBeGreaterThan(20_000);
    await client.pexpire(key, 1_000);
  }
  const store = stores.open({ ttlMs: 30_000 });
  await store.load(3);
  await store.save(3, 7n, change({ whole: false }));
  for (const key of [head, panes, tails]) expect(await client.pttl(key)).toBeGreaterThan(20_000);
});

test('panes are scored by their starts', async () => {
  expect((await client.zrange(panes, '0', '-1', 'WITHSCORES')).filter((_, i) => i % 2 === 1)).toEqual([
    '0',
    '1000',
  ]);
});

test('a checkpoint that lacks a pane is none', async () => {
  await client.zremrangebyrank(panes, 0, 0);
  await expectUnusable('incomplete');
});

test('a checkpoint that lacks its tails is none', async () => {
  await client.del(tails);
  await expectUnusable('incomplete');
});

test('a checkpoint that lacks its head is none', async () => {
  await client.del(head);
  await expectUnusable('incomplete');
});

test('a checkpoint of another layout is none', async () => {
  await client.hset(head, 'layout', '2');
  await expectUnusable('other-layout');
});

test('a save that broke off half-way is none', async () => {
  await client.hset(head, 'layout', 'incomplete');
  await expectUnusable('other-layout');
});

test('a pane that is not what was written is none', async () => {
  await client.zremrangebyscore(panes, 0, 0);
  await client.zadd(panes, 0, 'not a pane');
  await expectUnusable('undecodable');
});

test('a tail that is not what was written is none', async () => {
  await client.hset(tails, '0:A', 'not a tail');
  await expectUnusable('undecodable');
});

test('a head without an offset is none', async () => {
  await client.hset(head, 'offset', '');
  await expectUnusable('undecodable');
});

test('a save that arrives after its successor is refused', async () => {
  const save = await client.hget(head, 'save');
  const [saver, number] = (save ?? '').split('-');
  const script = await readFile(new URL('../../../src/redis/lua/save.lua', import.meta.url), 'utf8');
  const state = ['7', '1', '0', 'late', '0', '30000', '-Infinity', ''];
  const late = client.eval(script, 3, head, panes, tails, '1', 'whole', '', saver, number, ...state);
  await expect(late).resolves.toBe('base-lost');
  expect(await client.hget(head, 'shape')).toBe('3s/1s');
});

test('an observer is told of bytes and of failures', async () => {
  const told: unknown[] = [];
  const store = stores.open({
    observer: {
      done: (verb, bytes) => told.push([verb, bytes > 0]),
      failed: (verb, trouble) => told.push([verb, trouble]),
    },
  });
  await store.load(3);
  await store.save(3, 7n, change({ panes: [pane(0, { A: [1] })] }));
  await client.del(panes, tails, head);
  await store.save(3, 7n, change({ whole: false })).catch(() => undefined);
  await client.hset(head, 'layout', '2');
  await store.load(3);
  expect(told).toEqual([
    ['load', true],
    ['save', true],
    ['save', 'base-lost'],
    ['load', 'other-layout'],
  ]);
});
