import { MOST_PLACES, type SymbolPlaces } from '../pipeline/symbol-places.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Where the symbols of a pipeline trade, known to all its processes; over a connection that belongs to somebody else. */
export function redisSymbolPlaces(connection: RedisConnection, pipeline: string): SymbolPlaces {
  const key = `tidemark:{${pipeline}}:symbols`;
  return {
    async claim(partition, symbols, period) {
      const limits = [String(TTL_MS), String(MOST_PLACES)];
      const command = [key, String(partition), String(period), ...limits, ...symbols];
      const reply = await connection.run('write', (redis) => redis.claimSymbols(...command));
      return Array.from({ length: reply.length / 2 }, (_, i) => ({
        symbol: reply[2 * i],
        otherPartition: Number(reply[2 * i + 1]),
      }));
    },
  };
}

/** Longer than what is looked back upon. */
const TTL_MS = 3_600_000;
