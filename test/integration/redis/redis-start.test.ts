import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { change, pane } from '../../support/checkpoints.ts';
import { freePorts } from '../../support/free-ports.ts';
import { RedisStores } from '../../support/redis-stores.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { setUp } from '../../support/set-up.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'correct-horse-battery';
const release: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of release.splice(0).reverse()) await undo();
});

const redisServer = setUp('redis-server');
const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a redis-server with settings of its own, up when it listens. */
async function redisWith(...settings: string[]): Promise<{ server: ServerProcess; stores: RedisStores }> {
  const [port] = (await freePorts(1)) as [number];
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const server = new ServerProcess('redis-server', redisServer, [...own, ...settings], () => listens(port));
  await server.start();
  release.push(() => server.stop());
  const stores = new RedisStores(`redis://127.0.0.1:${port}`);
  release.push(() => stores.close());
  return { server, stores };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

test('a Redis that is loading its data says so, and is used when it is done', async () => {
  const { stores: before, server } = await redisWith('--dbfilename', 'loading.rdb');
  const filling = before.client.pipeline();
  for (let i = 0; i < 4_000; i++) filling.set(`key-${i}`, 'x');
  await filling.exec();
  await before.client.save();
  await server.stop();

  const slow = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024'];
  const { stores } = await redisWith('--dbfilename', 'loading.rdb', ...slow);
  const store = stores.open();
  await expect(store.load(0)).resolves.toBeUndefined();
  expect(store.trouble).toMatchObject({ trouble: 'loading' });
  await expect(store.save(0, 1n, change({}))).rejects.toMatchObject({ trouble: 'loading' });
  await until('it has loaded', () => store.isHealthy);
  await expect(store.save(0, 1n, change({}))).resolves.toBe('saved');
});

test('the password opens Redis; a wrong one or none is told without repeating it', async () => {
  const { stores } = await redisWith('--requirepass', PASSWORD);
  await expect(stores.open({ password: () => PASSWORD }).save(0, 1n, change({}))).resolves.toBe('saved');
  await expect(stores.open({ username: 'default', password: () => PASSWORD }).load(0)).resolves.toBeDefined();

  const wrong = stores.open({ password: () => 'hunter2-hunter2' });
  const error: unknown = await wrong.save(0, 1n, change({})).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ trouble: 'access-denied' });
  await expect(stores.open().save(0, 1n, change({}))).rejects.toMatchObject({ trouble: 'access-denied' });
  expect(`${JSON.stringify(error)}${String((error as Error).stack)}${stores.logged.join()}`).not.toContain(
    'hunter2',
  );
});

test('a Redis that repeats what it does not understand does not bring the password into a log', async () => {
  const { stores } = await redisWith('--rename-command', 'AUTH', '');
  const store = stores.open({ password: () => PASSWORD });
  await expect(store.save(0, 1n, change({}))).rejects.toMatchObject({ trouble: 'refused' });
  expect(stores.logged.join()).toMatch(/unknown command/i);
  expect(stores.logged.join()).not.toContain(PASSWORD);
});

test('a Redis Cluster keeps a partition on one node', async () => {
  const { stores } = await redisWith('--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf');
  const store = stores.open();
  await expect(store.save(0, 1n, change({}))).rejects.toMatchObject({ trouble: 'wrong-node' }); // no slots yet
  await stores.client.cluster('ADDSLOTSRANGE', 0, 16383);
  const saved = change({ panes: [pane(0, { A: [1] })] });
  await until('the cluster is up', () => store.save(0, 1n, saved));
  expect(await store.load(0)).toMatchObject({ panes: saved.panes });
});

test('an address with a login inside is turned down without repeating it', () => {
  const stores = new RedisStores('redis://127.0.0.1:1');
  release.push(() => stores.close());
  expect(() => stores.open({ place: { kind: 'single', url: `redis://user:${PASSWORD}@localhost` } })).toThrow(
    /has a login inside/,
  );
});
