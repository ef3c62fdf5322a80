import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { redisSymbolPlaces } from '../../src/redis/redis-symbol-places.ts';
import { RedisStores } from '../support/redis-stores.ts';
import { startRedis } from '../support/redis-server.ts';
import { checkpointStoreContract } from './checkpoint-store.contract.ts';
import { symbolPlacesContract } from './symbol-places.contract.ts';

const valkey = await startRedis({ own: true, program: 'valkey-server' });
const stores = new RedisStores(valkey.url);
afterAll(async () => {
  await stores.close();
  await valkey.stop();
});

checkpointStoreContract('Valkey', stores);
symbolPlacesContract('Valkey', () => redisSymbolPlaces(stores.open().connection, randomUUID()));

test('what answers is Valkey', async () => {
  expect(await stores.client.info('server')).toContain('server_name:valkey');
});
