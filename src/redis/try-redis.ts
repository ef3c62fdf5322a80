import { CheckpointError } from '../pipeline/checkpoint-error.ts';
import { redisCheckpointStore } from './redis-checkpoint-store.ts';
import type { RedisWire } from './redis-client.ts';

/**
 * Saves an empty checkpoint of a pipeline's name where no partition has one, and loads it: the way that a real one
 * goes, with the same commands on the same kind of keys. It vanishes after a second. Throws a CheckpointError.
 */
export async function tryRedis(wire: RedisWire, pipeline: string): Promise<void> {
  const logger = { debug: ignored, info: ignored, warn: ignored, error: ignored };
  const options = { ...wire, timeoutMs: TIMEOUT_MS, logger };
  const store = redisCheckpointStore({ ...options, pipeline, ttlMs: 1_000 });
  try {
    await store.save(NO_PARTITION, 0n, {
      offset: 0n,
      watermarkMs: 0,
      shape: 'check',
      panes: [],
      tails: [],
      whole: true,
      dropBeforeMs: -Infinity,
    });
    const loaded = await store.load(NO_PARTITION);
    if (loaded === undefined)
      throw store.trouble ?? new CheckpointError('incomplete', LOST, 'Look for what deletes keys there.');
  } finally {
    await store.close();
  }
}

const TIMEOUT_MS = 3_000;
/** Partitions count from 0. */
const NO_PARTITION = -1;
const LOST = 'Redis took a checkpoint and had none a moment later.';

function ignored(): void {
  // What is wrong comes as the error.
}
