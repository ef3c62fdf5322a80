import type { Admin, Consumer, Kafka } from 'kafkajs';
import { TidemarkError } from '../pipeline/error.ts';
import { within } from '../pipeline/within.ts';
import type { LogReader, PartitionLog } from '../pipeline/partition-ports.ts';
import { committedOffsets } from './committed-offsets.ts';
import { evictMember } from './evict.ts';
import { PieceDecoder } from './fetched-piece.ts';
import { rawConsumer } from './kafka-client.ts';
import { partitionWriter, type OutputTopics } from './partition-writer.ts';
import { fetchedRecords } from './raw-fetch.ts';

export interface GroupOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** The client id of `kafka`, which the group knows its members by. */
  readonly instance: string;
  readonly topic: string;
  readonly outputs: OutputTopics;
  /** The consumer has ended by itself and will not come back. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * One member of the pipeline's consumer group. It is the tasks' log, and brings its reader what the group assigns
 * and what the brokers send.
 */
export class AggregatorGroup implements PartitionLog {
  readonly #options: GroupOptions;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #decoders = new Map<number, PieceDecoder>();
  #reader: LogReader | undefined;
  #isJoining = false;
  #isStopping = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
    this.#consumer = rawConsumer(options.kafka, {
      groupId: options.groupId,
      restarts: () => !this.#isStopping,
      onProgress: ({ partition, nextOffset, highWatermark, askedAtMs }) =>
        this.#reader?.reachedEnd(partition, nextOffset, highWatermark, askedAtMs),
    });
  }

  /**
   * Joins the group; from now on the reader has partitions. Throws a TidemarkError: KAFKA_TOPIC_MISSING,
   * KAFKA_GROUP_FAILED.
   */
  async start(reader: LogReader): Promise<void> {
    try {
      await this.#join(reader);
    } catch (error) {
      throw groupFailed(this.#options.groupId, error);
    }
  }

  async #join(reader: LogReader): Promise<void> {
    const { groupId, topic, onCrash } = this.#options;
    this.#reader = reader;
    await this.#admin.connect();
    const partitions = await this.#partitionCount();
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#isJoining = false;
      reader.assign(payload.memberAssignment[topic] ?? []);
    });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onCrash(groupFailed(groupId, payload.error));
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    this.#isJoining = true;
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: partitions, // a slow commit must not hold the others
      eachBatch: async (payload) => {
        const { batch } = payload;
        const piece = this.#decoderOf(batch.partition).piece(fetchedRecords(batch));
        await whileBeating(() => payload.heartbeat(), reader.take(batch.partition, piece));
      },
    });
  }

  /**
   * Leaves the group. While it is being joined kafkajs does not leave, or waits until all others have joined too; the
   * group would then give this member partitions and miss it only after its session. So it is removed by name.
   */
  async stop(): Promise<void> {
    const { kafka, groupId, instance } = this.#options;
    this.#isStopping = true;
    const hasLeft = await endedWithin(LEAVE_WITHIN_MS, this.#consumer.disconnect());
    if (this.#isJoining || !hasLeft)
      await endedWithin(EVICT_WITHIN_MS, evictMember(kafka, groupId, instance));
    await endedWithin(LEAVE_WITHIN_MS, this.#admin.disconnect());
  }

  newWriter(partition: number) {
    const { kafka, groupId, topic, outputs } = this.#options;
    return partitionWriter(kafka, groupId, topic, partition, outputs);
  }

  async position(partition: number) {
    const { groupId, topic } = this.#options;
    const [committed, bounds] = await Promise.all([
      committedOffsets(this.#admin, groupId, topic),
      this.#admin.fetchTopicOffsets(topic),
    ]);
    const bound = bounds.find((each) => each.partition === partition);
    return {
      offset: committed.get(partition)?.offset,
      metadata: committed.get(partition)?.metadata ?? '',
      logStart: Number(bound?.low ?? 0),
    };
  }

  seek(partition: number, offset: number): void {
    this.#consumer.seek({ topic: this.#options.topic, partition, offset: String(offset) });
  }

  pause(partition: number): void {
    this.#consumer.pause([{ topic: this.#options.topic, partitions: [partition] }]);
  }

  resume(partition: number): void {
    this.#consumer.resume([{ topic: this.#options.topic, partitions: [partition] }]);
  }

  #decoderOf(partition: number): PieceDecoder {
    const decoder = this.#decoders.get(partition) ?? new PieceDecoder();
    this.#decoders.set(partition, decoder);
    return decoder;
  }

  async #partitionCount(): Promise<number> {
    const { topic, outputs } = this.#options;
    const existing = await this.#admin.listTopics();
    const needed = [topic, outputs.results, outputs.late, outputs.deadLetters];
    const missing = needed.filter((name) => name !== undefined && !existing.includes(name));
    if (missing.length > 0) {
      throw new TidemarkError(
        'KAFKA_TOPIC_MISSING',
        `topics that the pipeline names do not exist, or may not be seen: ${missing.join(', ')}`,
        'Create them, or allow this user to describe them.',
      );
    }
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0].partitions.length;
  }
}

/** What kafkajs has given up on, in our words; a mistake of ours goes on as it is. */
function groupFailed(groupId: string, error: unknown): unknown {
  const isOfKafka = error instanceof Error && error.name.startsWith('KafkaJS');
  if (!isOfKafka) return error;
  return new TidemarkError(
    'KAFKA_GROUP_FAILED',
    `the consumer group ${groupId} cannot be joined or kept: ${error.message}`,
    "Check the brokers' addresses, the network and the permissions, and start the aggregator again.",
    { cause: error },
  );
}

/** The process ends: what a broker does not take note of now it finds out after the member's session. */
async function endedWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  return within(ms, work).catch(() => false);
}

/** kafkajs sends heartbeats between batches only; one that lasts must not cost the membership. */
async function whileBeating(heartbeat: () => Promise<void>, work: Promise<void>): Promise<void> {
  const timer = setInterval(() => {
    heartbeat().catch(noticedAfterTheBatch);
  }, BEAT_EVERY_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
}

const BEAT_EVERY_MS = 1_000;
const LEAVE_WITHIN_MS = 1_000;
const EVICT_WITHIN_MS = 2_000;

function noticedAfterTheBatch(): void {
  // A rebalance, or a broker that is away: the consumer's own next heartbeat says the same and acts on it.
}
