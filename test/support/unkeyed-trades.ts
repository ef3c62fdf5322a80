import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from './random.ts';

export interface UnkeyedTrade {
  readonly symbol: string;
  readonly cents: number;
  readonly timeMs: number;
}

/** A record without a key: CSV, a line for each trade; none where it is no trade. */
export interface UnkeyedRecord {
  readonly value: string;
  readonly trades: readonly UnkeyedTrade[];
}

const START_MS = 1_534_848_938_000;
const SYMBOLS = 40;

/** A trade so far ahead that it closes the windows of all others. */
export const LAST_TRADE: UnkeyedTrade = { symbol: 'S0', cents: 100, timeMs: START_MS + 86_400_000 };

export function unkeyedRecord(trades: readonly UnkeyedTrade[]): UnkeyedRecord {
  return { value: trades.map(csv).join('\n'), trades };
}

/**
 * The records of one partition among several over which trades are spread at random. In each the times rise, out of
 * order by up to 0.9 s; those of a partition are `skewMs` ahead of those of the one before it. One trade in a thousand
 * is 5 s late, one record in five hundred no trade, and every fiftieth holds two trades.
 */
export function unkeyedRecords(
  partition: number,
  { count, perSecond, skewMs }: { count: number; perSecond: number; skewMs: number },
): UnkeyedRecord[] {
  const random = seededRandom(17 + partition);
  const trade = (i: number): UnkeyedTrade => ({
    symbol: `S${Math.floor(random() * SYMBOLS)}`,
    cents: 1_000 + Math.floor(random() * 90_000),
    timeMs:
      START_MS +
      partition * skewMs +
      Math.floor((i * 1000) / perSecond) -
      (random() < 0.001 ? 5_000 : Math.floor(random() * 900)),
  });
  return Array.from({ length: count }, (_, i) => {
    if (i % 500 === 499) return { value: 'S1,BUY ,a lot,5,1534848938300,x', trades: [] };
    return unkeyedRecord(i % 50 === 49 ? [trade(i), trade(i)] : [trade(i)]);
  });
}

function csv({ symbol, cents, timeMs }: UnkeyedTrade): string {
  return `${symbol},BUY ,${(cents / 100).toFixed(2)},5,${timeMs},x`;
}

/** Writes each list to the partition of its place, all at the same pace: together `perSecond` records. */
export async function writeUnkeyed(
  brokers: string[],
  topic: string,
  partitions: readonly (readonly UnkeyedRecord[])[],
  perSecond: number,
): Promise<void> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const atOnce = Math.max(1, Math.round(perSecond / partitions.length / 20));
  const longest = Math.max(...partitions.map(({ length }) => length));
  const startedMs = performance.now();
  for (let from = 0; from < longest; from += atOnce) {
    const messages = partitions.flatMap((records, partition) =>
      records.slice(from, from + atOnce).map(({ value }) => ({ key: null, value, partition })),
    );
    await producer.send({ topic, messages });
    const dueMs = startedMs + ((from + atOnce) * partitions.length * 1000) / perSecond;
    await delay(Math.max(0, dueMs - performance.now()));
  }
  await producer.disconnect();
}
