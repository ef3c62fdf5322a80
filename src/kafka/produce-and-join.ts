import { setTimeout as delay } from 'node:timers/promises';
import { refuseError, sendFlexible } from './flexible-request.ts';
import { internals, type Broker } from './kafkajs-internals.ts';
import { ALL_IN_SYNC, PRODUCE_API, type BatchToSend } from './produce-request.ts';

/**
 * Sends batches to the partitions' leader, with which the partitions join the transaction; answered when all in-sync
 * replicas have them. A batch that was not taken, for the markers of the transaction before are still being written, is
 * sent again, and nothing else is.
 */
export async function produceAndJoin(
  broker: Broker,
  transactionalId: string,
  timeoutMs: number,
  batches: readonly BatchToSend[],
): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (let left = batches; ;) {
    left = await sent(broker, transactionalId, timeoutMs, left);
    if (left.length === 0) return;
    if (performance.now() > giveUpAtMs) throw internals().errorOf(CONCURRENT_TRANSACTIONS);
    await delay(WAIT_MS);
  }
}

/** The batches that are to be sent again. https://kafka.apache.org/protocol#The_Messages_Produce, version 12 */
function sent(
  broker: Broker,
  transactionalId: string,
  timeoutMs: number,
  batches: readonly BatchToSend[],
): Promise<BatchToSend[]> {
  const topics = [...Map.groupBy(batches, ({ topic }) => topic)];
  return sendFlexible(broker, {
    apiKey: PRODUCE_API,
    apiName: 'Produce',
    version: 12,
    write: (writer) => {
      writer.string(transactionalId).int16(ALL_IN_SYNC).int32(timeoutMs);
      writer.array(topics, ([topic, ofTopic]) => {
        writer.string(topic);
        writer.array(ofTopic, ({ partition, batch }) => {
          writer.int32(partition).bytes(batch).noTags();
        });
        writer.noTags();
      });
      writer.noTags();
    },
    read: (reader) => {
      const refused = reader.array(() => {
        const topic = reader.string();
        const partitions = reader.array(() => {
          const partition = reader.int32();
          const errorCode = reader.int16();
          for (let i = 0; i < 3; i++) reader.int64(); // base offset, time of appending, start of the log
          reader.array(() => {
            reader.int32(); // index in the batch
            reader.string();
            reader.tags();
          });
          reader.string(); // the error in words
          reader.tags();
          return { partition, errorCode };
        });
        reader.tags();
        return partitions.filter(({ errorCode }) => errorCode !== 0).map((each) => ({ topic, ...each }));
      });
      const errors = refused.flat();
      for (const { errorCode } of errors) if (errorCode !== CONCURRENT_TRANSACTIONS) refuseError(errorCode);
      return batches.filter(({ topic, partition }) =>
        errors.some((error) => error.topic === topic && error.partition === partition),
      );
    },
  });
}

const CONCURRENT_TRANSACTIONS = 51;
const WAIT_MS = 3;
