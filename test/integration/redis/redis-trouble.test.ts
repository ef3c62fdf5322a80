import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RedisCheckpointStore } from '../../../src/redis/redis-checkpoint-store.ts';
import { change, pane } from '../../support/checkpoints.ts';
import { startRedis } from '../../support/redis-server.ts';
import { RedisStores } from '../../support/redis-stores.ts';
import { until } from '../../support/until.ts';

const TIMEOUT_MS = 1_000;
/** Of a command that fails: the time-out, and what a busy machine needs on top. Without one it would wait for ever. */
const BOUND_MS = 20_000;

const redis = await startRedis({ own: true });
const { server } = redis;
if (server === undefined) throw new Error('A server of its own was asked for.');
const stores = new RedisStores(redis.url);
let store: RedisCheckpointStore;

beforeEach(() => {
  store = stores.open({ timeoutMs: TIMEOUT_MS });
});
afterEach(async () => {
  server.thaw();
  if (!server.running) await server.start();
  await stores.clear();
});
afterAll(async () => {
  await stores.close();
  await redis.stop();
});

const saveWhole = (offset: bigint): Promise<string> =>
  store.save(0, 1n, change({ offset, panes: [pane(0, { A: [Number(offset)] })] }));
const saveChange = (offset: bigint): Promise<string> => store.save(0, 1n, change({ offset, whole: false }));
const untilHealthy = (): Promise<unknown> => until('Redis is healthy again', () => store.isHealthy);

async function inTime<T>(command: Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await command;
  } finally {
    expect(performance.now() - startedMs).toBeLessThan(BOUND_MS);
  }
}

test('a Redis that is killed: saves fail at once, loads find nothing, and it comes back by itself', async () => {
  await saveWhole(1n);
  await server.kill();
  await until('the loss is seen', () => !store.isHealthy);
  await expect(inTime(saveChange(2n))).rejects.toMatchObject({ trouble: 'unreachable' });
  await expect(inTime(store.load(0))).resolves.toBeUndefined();
  expect(store.trouble).toMatchObject({ code: 'CHECKPOINT_UNREACHABLE' });

  await server.start();
  await untilHealthy();
  await expect(saveChange(3n)).rejects.toMatchObject({ trouble: 'base-lost' }); // it came back empty
  await expect(saveWhole(3n)).resolves.toBe('saved');
  expect(await store.load(0)).toMatchObject({ offset: 3n });
});

test('a Redis that is down at the start is waited for in the background', async () => {
  await server.kill();
  const early = stores.open({ timeoutMs: TIMEOUT_MS });
  await expect(inTime(early.load(0))).resolves.toBeUndefined();
  await expect(inTime(early.save(0, 1n, change({})))).rejects.toMatchObject({ trouble: 'unreachable' });
  expect(early.isHealthy).toBe(false);

  await server.start();
  await until('Redis is found', () => early.isHealthy);
  await expect(early.save(0, 1n, change({}))).resolves.toBe('saved');
});

test('a Redis that stands still: each command ends in time, and what it held up does not harm a later save', async () => {
  await saveWhole(1n);
  server.freeze();
  await expect(inTime(saveChange(2n))).rejects.toMatchObject({ trouble: 'timeout' });
  await expect(inTime(store.load(0))).resolves.toBeUndefined();
  await expect(inTime(saveWhole(3n))).rejects.toMatchObject({
    code: expect.stringMatching(/TIMEOUT|UNREACHABLE/),
  });
  expect(store.isHealthy).toBe(false);

  server.thaw();
  await untilHealthy();
  await expect(saveWhole(4n)).resolves.toBe('saved');
  await expect(saveChange(5n)).resolves.toBe('saved');
  expect(await store.load(0)).toMatchObject({ offset: 5n, panes: [pane(0, { A: [4] })] });
});

test('an idle store learns by itself that a Redis has come back', async () => {
  await until('connected', () => store.isHealthy);
  await server.kill();
  await until('the loss is seen', () => !store.isHealthy);
  await server.start();
  await untilHealthy();
  expect(store.trouble).toBeUndefined();
});

test('a Redis that was flushed does not take a change on top of nothing', async () => {
  await saveWhole(1n);
  await stores.client.flushall();
  await expect(saveChange(2n)).rejects.toMatchObject({ trouble: 'base-lost' });
  await expect(store.load(0)).resolves.toBeUndefined();
  await expect(saveWhole(2n)).resolves.toBe('saved');
});

test('a Redis that forgot its scripts gets them again', async () => {
  await saveWhole(1n);
  await stores.client.script('FLUSH');
  await expect(saveChange(2n)).resolves.toBe('saved');
});

test('a full Redis refuses a save and keeps the checkpoint before it', async () => {
  await saveWhole(1n);
  await stores.client.config('SET', 'maxmemory', '1');
  await expect(saveChange(2n)).rejects.toMatchObject({ trouble: 'full' });
  expect(store.isHealthy).toBe(false);
  expect(await store.load(0)).toMatchObject({ offset: 1n });
  expect(store.isHealthy).toBe(false); // it answers reads, but does not save

  await stores.client.config('SET', 'maxmemory', '0');
  await expect(saveChange(3n)).resolves.toBe('saved');
  expect(store.isHealthy).toBe(true);
});

test('a replica refuses a save, is read all the same, and takes saves once it is the primary', async () => {
  await saveWhole(1n);
  await stores.client.replicaof('127.0.0.1', 1);
  await expect(saveChange(2n)).rejects.toMatchObject({ trouble: 'read-only' });
  expect(store.isHealthy).toBe(false);
  await until('the connection is back', async () => (await store.load(0))?.offset === 1n);

  await stores.client.replicaof('NO', 'ONE');
  await until('it saves again', () => saveWhole(3n));
  expect(store.isHealthy).toBe(true);
});

test('a store is closed in time, whatever Redis does', async () => {
  await saveWhole(1n);
  server.freeze();
  const saving = saveChange(2n).catch((error: unknown) => error);
  await inTime(store.close());
  expect(await saving).toMatchObject({ trouble: 'closed' });
  server.thaw();
  await server.kill();
  const other = stores.open({ timeoutMs: TIMEOUT_MS });
  await other.load(0);
  await inTime(other.close());
  await expect(other.save(0, 1n, change({}))).rejects.toMatchObject({ trouble: 'closed' });
});

test('an outage is logged once, and its end', async () => {
  await until('connected', () => store.isHealthy);
  stores.logged.length = 0;
  await server.kill();
  await until('several attempts failed', async () => {
    await saveWhole(1n).catch(() => undefined);
    return stores.logged.some((line) => line.includes('ECONNREFUSED'));
  });
  for (let i = 0; i < 20; i++) await saveWhole(1n).catch(() => undefined);
  await server.start();
  await untilHealthy();
  expect(stores.logged.filter((line) => line.includes('CHECKPOINT_UNREACHABLE')).length).toBeLessThanOrEqual(
    3,
  );
  expect(stores.logged.at(-1)).toMatch(/^Redis answers/);
});
