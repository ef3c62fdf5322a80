import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { javaProducer, producerLine } from './topics.ts';

export interface PacedRecord<Value = string> {
  readonly key: string;
  readonly value: Value | null;
}

/** Writes records at a steady rate, in batches of a twentieth of a second; returns how many when all are written. */
export async function writePaced(
  brokers: string[],
  topic: string,
  records: Iterable<PacedRecord<string | Buffer>>,
  perSecond: number,
): Promise<number> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const written = await paced(records, perSecond, (messages) => producer.send({ topic, messages }));
  await producer.disconnect();
  return written;
}

/** The same with Kafka's own producer, which outlives the loss of a broker. */
export async function writePacedThroughFaults(
  brokers: string[],
  topic: string,
  records: Iterable<PacedRecord>,
  perSecond: number,
): Promise<number> {
  const { input, ended } = javaProducer(brokers, topic);
  const written = await paced(records, perSecond, (batch) => {
    input.write(batch.map(producerLine).join(''));
    return Promise.resolve();
  });
  input.end();
  await ended;
  return written;
}

/** A record is asked for when it is due. */
async function paced<Value>(
  records: Iterable<PacedRecord<Value>>,
  perSecond: number,
  send: (batch: PacedRecord<Value>[]) => Promise<unknown>,
): Promise<number> {
  const startedMs = performance.now();
  let written = 0;
  let batch: PacedRecord<Value>[] = [];
  const sendBatch = async (): Promise<void> => {
    await send(batch);
    written += batch.length;
    batch = [];
    const dueMs = startedMs + (written / perSecond) * 1000;
    await delay(Math.max(0, dueMs - performance.now()));
  };
  for (const record of records) {
    batch.push(record);
    if (batch.length >= perSecond / 20) await sendBatch();
  }
  if (batch.length > 0) await sendBatch();
  return written;
}
