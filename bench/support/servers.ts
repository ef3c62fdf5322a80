import { correctRequestQueue } from '../../src/kafka/request-queue.ts';
import { startKafka } from '../../test/support/kafka-broker.ts';
import { startRedis } from '../../test/support/redis-server.ts';

/** One broker and one Redis, on this machine beside the jobs. */
export interface Servers {
  readonly brokers: string[];
  readonly redisUrl: string;
}

/** Runs `work` with servers of its own. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  correctRequestQueue(); // else the clients' timers warn, and take a share of the cores from the jobs
  const kafka = await startKafka({ own: true });
  try {
    const redis = await startRedis({ own: true });
    try {
      return await work({ brokers: kafka.brokers, redisUrl: redis.url });
    } finally {
      await redis.stop();
    }
  } finally {
    await kafka.stop();
  }
}
