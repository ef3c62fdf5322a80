import { checkpointKeys, HEADS, partitionOf, type StoredPartition } from './checkpoint-keys.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { readStored, type StoredCheckpoint } from './stored-checkpoint.ts';

/** Looks at the checkpoints of all pipelines in a Redis; changes nothing. What fails, fails with a CheckpointError. */
export class StoredCheckpoints {
  readonly #connection: RedisConnection;

  constructor(options: RedisConnectionOptions) {
    this.#connection = new RedisConnection(options);
  }

  /**
   * Every partition that has a checkpoint, by pipeline and number. Walks over all keys, a thousand at a time, so that
   * others are served in between. One that is saved for the first time meanwhile may be left out.
   */
  async list(): Promise<StoredPartition[]> {
    const heads = new Set<string>(); // SCAN may name a key twice
    for (const connection of this.#nodes()) {
      for await (const keys of headsOn(connection)) for (const key of keys) heads.add(key);
    }
    return [...heads].flatMap((head) => partitionOf(head) ?? []).sort(byPipelineAndPartition);
  }

  /** Undefined where there is none, or none any more. */
  async read({ pipeline, partition }: StoredPartition): Promise<StoredCheckpoint | undefined> {
    const keys = checkpointKeys(pipeline, partition);
    return readStored(await this.#connection.run('read', (redis) => redis.loadCheckpointBuffer(...keys)));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Keys are spread over these: over the masters, were it a cluster. */
  #nodes(): readonly RedisConnection[] {
    return [this.#connection];
  }
}

async function* headsOn(connection: RedisConnection): AsyncGenerator<readonly string[]> {
  let cursor = START;
  do {
    const [next, keys] = await connection.run('read', (redis) =>
      redis.scan(cursor, 'MATCH', HEADS, 'COUNT', KEYS_AT_ONCE),
    );
    yield keys;
    cursor = next;
  } while (cursor !== START);
}

function byPipelineAndPartition(a: StoredPartition, b: StoredPartition): number {
  if (a.pipeline !== b.pipeline) return a.pipeline < b.pipeline ? -1 : 1;
  return a.partition - b.partition;
}

/** Where SCAN begins, and what it answers at its end. */
const START = '0';
const KEYS_AT_ONCE = 1_000;
