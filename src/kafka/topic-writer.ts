import kafkajs from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';

export interface WrittenRecord {
  readonly key: string | null;
  readonly value: string | Buffer;
}

/**
 * Writes records to one topic, in order and each once as long as the brokers answer (KIP-98's idempotent producer).
 * A key finds its partition as it does with Kafka's own clients. Methods throw what kafkajs throws.
 */
export class TopicWriter {
  readonly #producer: Producer;
  readonly #topic: string;

  constructor(kafka: Kafka, topic: string) {
    this.#topic = topic;
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  /** Settles when all in-sync replicas have the records. */
  async write(records: readonly WrittenRecord[]): Promise<void> {
    for (const part of inRequests(records)) {
      const messages = part.map(({ key, value }) => ({ key, value }));
      await this.#producer.send({ topic: this.#topic, messages });
    }
  }

  disconnect(): Promise<void> {
    return this.#producer.disconnect();
  }
}

/** Brokers take batches of up to 1 MB by default, and a batch has some bytes more than its records. */
function* inRequests(records: readonly WrittenRecord[]): Generator<readonly WrittenRecord[]> {
  let first = 0;
  let bytes = 0;
  for (const [i, { key, value }] of records.entries()) {
    const length = Buffer.byteLength(value) + (key?.length ?? 0) + RECORD_OVERHEAD_BYTES;
    if (bytes + length > MOST_BYTES && i > first) {
      yield records.slice(first, i);
      first = i;
      bytes = 0;
    }
    bytes += length;
  }
  if (first < records.length) yield records.slice(first);
}

const RECORD_OVERHEAD_BYTES = 20;
const MOST_BYTES = 900_000;
