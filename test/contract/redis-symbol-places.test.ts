import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { redisSymbolPlaces } from '../../src/redis/redis-symbol-places.ts';
import { RedisStores } from '../support/redis-stores.ts';
import { startRedis } from '../support/redis-server.ts';
import { symbolPlacesContract } from './symbol-places.contract.ts';

const redis = await startRedis();
const stores = new RedisStores(redis.url);
afterAll(async () => {
  await stores.close();
  await redis.stop();
});

symbolPlacesContract('Redis', () => redisSymbolPlaces(stores.open().connection, randomUUID()));

test('what is known of a pipeline that is gone vanishes by itself', async () => {
  const pipeline = randomUUID();
  await redisSymbolPlaces(stores.open().connection, pipeline).claim(0, ['AMC'], 7);
  const ttlMs = await stores.client.pttl(`tidemark:{${pipeline}}:symbols`);
  expect(ttlMs).toBeGreaterThan(1_200_000);
  expect(ttlMs).toBeLessThanOrEqual(3_600_000);
});
