import { afterAll } from '@jest/globals';
import { RedisStores } from '../support/redis-stores.ts';
import { startRedis } from '../support/redis-server.ts';
import { checkpointStoreContract } from './checkpoint-store.contract.ts';

const redis = await startRedis();
const stores = new RedisStores(redis.url);
afterAll(async () => {
  await stores.close();
  await redis.stop();
});

checkpointStoreContract('Redis', stores);
