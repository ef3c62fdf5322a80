import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

/** Writes records at a steady rate, in batches of a twentieth of a second; ends when all are written or told to. */
export async function writePaced(
  brokers: string[],
  topic: string,
  records: Iterable<{ key: string; value: string }>,
  perSecond: number,
): Promise<number> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const startedMs = performance.now();
  let written = 0;
  let batch: { key: string; value: string }[] = [];
  const send = async (): Promise<void> => {
    await producer.send({ topic, messages: batch });
    written += batch.length;
    batch = [];
    const dueMs = startedMs + (written / perSecond) * 1000;
    await delay(Math.max(0, dueMs - performance.now()));
  };
  for (const record of records) {
    batch.push(record);
    if (batch.length >= perSecond / 20) await send();
  }
  if (batch.length > 0) await send();
  await producer.disconnect();
  return written;
}
