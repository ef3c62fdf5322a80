import { internals, type Broker, type RequestDefinition } from './kafkajs-internals.ts';

/** One batch to each partition: a Produce request takes no more. */
export interface BatchToSend {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

/** Sends batches to the partitions' leader, and is answered when all in-sync replicas have them. Not repeated. */
export async function produce(
  broker: Broker,
  transactionalId: string,
  timeoutMs: number,
  batches: readonly BatchToSend[],
): Promise<void> {
  const definition: RequestDefinition = {
    versions: [String(PRODUCE_VERSION)],
    protocol: () => () => ({
      request: {
        apiKey: PRODUCE_API,
        apiVersion: PRODUCE_VERSION,
        apiName: 'Produce',
        encode: () => Promise.resolve(encoded(transactionalId, timeoutMs, batches)),
      },
      response: internals().produceResponse,
    }),
  };
  await broker.connectionPool.send(broker.lookupRequest(PRODUCE_API, definition)({}));
}

/** https://kafka.apache.org/protocol#The_Messages_Produce, request version 7 */
function encoded(transactionalId: string, timeoutMs: number, batches: readonly BatchToSend[]): unknown {
  const { Encoder } = internals();
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  const request = new Encoder()
    .writeString(transactionalId)
    .writeInt16(ALL_IN_SYNC)
    .writeInt32(timeoutMs)
    .writeInt32(topics.size);
  for (const [topic, ofTopic] of topics) {
    request.writeString(topic).writeInt32(ofTopic.length);
    for (const { partition, batch } of ofTopic) {
      request.writeInt32(partition).writeInt32(batch.length).writeBuffer(batch);
    }
  }
  return request;
}

export const PRODUCE_API = 0;
/** The first with zstd (KIP-110). */
const PRODUCE_VERSION = 7;
export const ALL_IN_SYNC = -1;
