import { once } from 'node:events';
import { kafkaClient } from '../../src/kafka/kafka-client.ts';
import { KeptLog } from '../../test/support/kafka-log.ts';
import { javaProducer, producerLine } from '../../test/support/topics.ts';

/** A trade on its way into the input topic. */
export interface WrittenTrade {
  readonly key: string;
  readonly value: string;
  readonly partition: number;
}

/** Who writes the trades of a live market. */
export interface TradeWriter {
  connect(): Promise<void>;
  write(trades: WrittenTrade[]): Promise<unknown>;
  disconnect(): Promise<void>;
}

/** In this process, so that a trade is with the broker within a millisecond; up to some 30,000 a second. */
export function promptWriter(brokers: string[], topic: string): TradeWriter {
  const kafka = kafkaClient({ brokers, clientId: 'live-market', logger: new KeptLog() });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  return {
    connect: () => producer.connect(),
    write: (messages) => producer.send({ topic, messages }),
    disconnect: () => producer.disconnect(),
  };
}

/** Kafka's own console producer, for many trades; they find their partition by their key. */
export function bulkWriter(brokers: string[], topic: string): TradeWriter {
  const { input, ended } = javaProducer(brokers, topic);
  ended.catch(() => undefined); // write() and disconnect() tell of it
  return {
    connect: () => Promise.resolve(),
    write: async (trades) => {
      if (!input.write(trades.map(producerLine).join(''))) await Promise.race([once(input, 'drain'), ended]);
    },
    disconnect: async () => {
      input.end();
      await ended;
    },
  };
}
