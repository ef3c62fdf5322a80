import type { Kafka } from 'kafkajs';
import type { Codec } from './compression.ts';
import { clusterFactory, type Cluster } from './kafkajs-internals.ts';
import { OutputBatches, type PartitionBatches, type TopicRecords } from './output-batches.ts';
import { produceAndJoin } from './produce-and-join.ts';
import { produce, type BatchToSend } from './produce-request.ts';
import { producerError } from './producer-error.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';

/** What one transaction moves: results out, and the input's offset on. */
export interface Commit {
  readonly records: readonly TopicRecords[];
  /** The offset to read next. */
  readonly offset: number;
  /** Kept with the offset; brokers allow 4,096 bytes by default. */
  readonly metadata: string;
}

export interface PartitionProducerOptions {
  /** The same for whoever owns the partition: `<pipeline>-<topic>-<partition>`. */
  readonly transactionalId: string;
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly compression?: Codec;
  /** How long a zombie's open transaction may block readers; also how long a commit may last. */
  readonly transactionTimeoutMs?: number;
}

/**
 * The transactional producer of one input partition. Whoever has called `fence()` last owns the transactional id:
 * every call of an earlier owner fails from then on (KIP-98).
 *
 *   new ──fence()──▶ ready ──commit()──▶ ready ──▶ …        any error, discard() ──▶ gone
 *
 * There is no way back from an error, and nothing that may have had an effect is sent again: the next owner's fence
 * settles what became of it. (kafkajs's own producer repeats a send broker by broker, which loses or doubles records
 * where a leader has moved in between, and after a failed commit loses the next batch.)
 */
export class PartitionProducer {
  readonly #options: PartitionProducerOptions;
  readonly #cluster: Cluster;
  readonly #coordinator: TransactionCoordinator;
  readonly #batches: OutputBatches;
  /** By topic and partition: how many records have gone there in this epoch, modulo 2^31. */
  readonly #sequences = new Map<string, number>();
  readonly #timeoutMs: number;
  #state: 'new' | 'ready' | 'busy' | 'gone' = 'new';

  constructor(kafka: Kafka, options: PartitionProducerOptions) {
    const { transactionalId, groupId, partition, transactionTimeoutMs = 15_000 } = options;
    this.#options = options;
    this.#timeoutMs = transactionTimeoutMs;
    this.#cluster = clusterFactory(kafka).create.call(kafka, { allowAutoTopicCreation: false });
    this.#coordinator = new TransactionCoordinator(this.#cluster, {
      transactionalId,
      groupId,
      timeoutMs: transactionTimeoutMs,
    });
    this.#batches = new OutputBatches(partition);
  }

  /** Makes every earlier owner a zombie, and aborts the transaction it may have left open. Throws a ProducerError. */
  fence(): Promise<void> {
    return this.#use('new', async () => {
      await this.#cluster.connect();
      await this.#coordinator.fence();
    });
  }

  /** Writes the records and moves the offset, both or neither. One at a time. Throws a ProducerError. */
  commit({ records, offset, metadata }: Commit): Promise<void> {
    const { topic, partition } = this.#options;
    return this.#use('ready', async () => {
      const output = await this.#sorted(records);
      // Neither path waits for the other: three answers after one another, not four.
      const [sent, moved] = await Promise.allSettled([
        this.#write(output),
        this.#coordinator.moveOffset(topic, partition, offset, metadata),
      ]);
      for (const part of [sent, moved]) if (part.status === 'rejected') throw part.reason;
      await this.#coordinator.commit();
      if (this.#coordinator.joinsByWriting) this.#sequences.clear(); // the epoch is a new one
    });
  }

  /** Closes the connections. An open transaction ends with the next owner's fence. */
  async discard(): Promise<void> {
    this.#state = 'gone';
    await this.#cluster.disconnect();
  }

  async #sorted(records: readonly TopicRecords[]): Promise<PartitionBatches[]> {
    if (records.length === 0) return [];
    await this.#cluster.addMultipleTargetTopics(records.map(({ topic }) => topic));
    return records.flatMap((ofTopic) =>
      this.#batches.of(ofTopic, this.#cluster.findTopicPartitionMetadata(ofTopic.topic).length),
    );
  }

  async #write(output: readonly PartitionBatches[]): Promise<void> {
    if (output.length === 0) return;
    await this.#coordinator.addPartitions(partitionsOf(output));
    await this.#send(output);
  }

  /** The first batch of each partition, then the second of each, and so on. */
  async #send(output: readonly PartitionBatches[]): Promise<void> {
    const rounds = Math.max(...output.map(({ batches }) => batches.length));
    for (let round = 0; round < rounds; round++) await this.#sendRound(output, round);
  }

  async #sendRound(output: readonly PartitionBatches[], round: number): Promise<void> {
    const byLeader = new Map<string, BatchToSend[]>();
    for (const { topic, partition, batches } of output) {
      if (round >= batches.length) continue;
      const leader = this.#leaderOf(topic, partition);
      const toSend = byLeader.get(leader) ?? [];
      byLeader.set(leader, toSend);
      toSend.push({ topic, partition, batch: this.#built(topic, partition, batches[round]) });
    }
    const { transactionalId } = this.#options;
    const sends = [...byLeader].map(async ([nodeId, batches]) => {
      const send = this.#coordinator.joinsByWriting ? produceAndJoin : produce;
      await send(await this.#cluster.findBroker({ nodeId }), transactionalId, this.#timeoutMs, batches);
    });
    await Promise.all(sends);
  }

  #built(topic: string, partition: number, batch: PartitionBatches['batches'][number]): Buffer {
    const { producerId, producerEpoch } = this.#coordinator;
    const name = `${topic} ${partition}`;
    const firstSequence = this.#sequences.get(name) ?? 0;
    this.#sequences.set(name, (firstSequence + batch.count) % 2 ** 31);
    const owner = { producerId, producerEpoch, firstSequence };
    return batch.build(owner, this.#options.compression ?? 'none', Date.now());
  }

  #leaderOf(topic: string, partition: number): string {
    const [leader] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
    return leader;
  }

  async #use(from: 'new' | 'ready', work: () => Promise<void>): Promise<void> {
    const { transactionalId } = this.#options;
    if (this.#state !== from) throw new Error(`Producer ${transactionalId} is ${this.#state}, not ${from}.`);
    this.#state = 'busy';
    try {
      await work();
    } catch (error) {
      this.#discardDetached();
      throw producerError(transactionalId, error);
    }
    this.#becomeReady();
  }

  /** Unless `discard()` has come in between. */
  #becomeReady(): void {
    if (this.#state === 'busy') this.#state = 'ready';
  }

  /** Not awaited: a broker that hangs would hold it until the request's time-out, and nothing depends on it. */
  #discardDetached(): void {
    this.discard().catch(() => undefined);
  }
}

function partitionsOf(output: readonly PartitionBatches[]): { topic: string; partitions: number[] }[] {
  return [...Map.groupBy(output, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition }) => partition),
  }));
}
