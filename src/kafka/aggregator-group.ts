import type { Admin, Consumer, Kafka } from 'kafkajs';
import type { TidemarkError } from '../pipeline/error.ts';
import { within } from '../pipeline/within.ts';
import type { LogReader, PartitionLog } from '../pipeline/partition-ports.ts';
import { accessRules, type AccessRule } from './access-rules.ts';
import { refuseMissingAccess } from './access-check.ts';
import { committedOffsets } from './committed-offsets.ts';
import { EarlyLeave } from './early-leave.ts';
import { evictMember } from './evict.ts';
import { PieceDecoder, type RecordKind } from './fetched-piece.ts';
import { rawConsumer, type KafkaConnection } from './kafka-client.ts';
import { kafkaTrouble } from './kafka-trouble.ts';
import { refuseUselessWires } from './first-knock.ts';
import { partitionWriter, type OutputTopics } from './partition-writer.ts';
import { fetchedRecords } from './raw-fetch.ts';

export interface GroupOptions {
  readonly kafka: Kafka;
  /** Of `kafka`, for messages. */
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** The client id of `kafka`, which the group knows its members by. */
  readonly instance: string;
  readonly topic: string;
  /** What the topic's records hold; `trades` if left out. */
  readonly records?: RecordKind;
  readonly outputs: OutputTopics;
  /** The consumer has ended by itself and will not come back. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * One member of the consumer group of a pipeline's stage. It is the tasks' log, and brings its reader what the group assigns
 * and what the brokers send.
 */
export class AggregatorGroup implements PartitionLog {
  readonly #options: GroupOptions;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #decoders = new Map<number, PieceDecoder>();
  #reader: LogReader | undefined;
  readonly #earlyLeave = new EarlyLeave();
  #partitions = 0;
  /** Undefined before it has joined. */
  #memberId: string | undefined;
  #isJoining = false;
  #isStopping = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
    this.#consumer = rawConsumer(options.kafka, {
      groupId: options.groupId,
      earlyLeave: this.#earlyLeave,
      restarts: () => !this.#isStopping,
      onProgress: ({ partition, nextOffset, highWatermark, askedAtMs }) =>
        this.#reader?.reachedEnd(partition, nextOffset, highWatermark, askedAtMs),
      onOutOfRange: (_topic, partition) => this.#reader?.lostPosition(partition),
    });
  }

  /** Connects and joins: throws what these throw. */
  async start(reader: LogReader): Promise<void> {
    await this.connect();
    await this.join(reader);
  }

  /**
   * Returns how many partitions the topic has. Throws a TidemarkError, KAFKA_TOPIC_MISSING or KAFKA_ACCESS_DENIED, or
   * what `explained` makes one of.
   */
  async connect(): Promise<number> {
    await refuseUselessWires(this.#options.connection);
    await this.#admin.connect();
    this.#partitions = await this.#checkedPartitions();
    return this.#partitions;
  }

  /** Joins the group, once connected; from now on the reader has partitions. Throws what `connect` throws. */
  async join(reader: LogReader): Promise<void> {
    const { topic, onCrash } = this.#options;
    this.#reader = reader;
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#isJoining = false;
      this.#memberId = payload.memberId;
      reader.assign(payload.memberAssignment[topic] ?? []);
    });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onCrash(payload.error);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    this.#isJoining = true;
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: this.#partitions, // a slow commit must not hold the others
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
    if (this.#memberId !== undefined)
      await endedWithin(LEAVE_WITHIN_MS, this.#earlyLeave.leave(kafka, groupId, this.#memberId));
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
    const decoder = this.#decoders.get(partition) ?? new PieceDecoder(this.#options.records);
    this.#decoders.set(partition, decoder);
    return decoder;
  }

  /** What ended the aggregator, in our words. A right that was taken away meanwhile is looked for by name. */
  async explained(error: unknown): Promise<TidemarkError> {
    const { kafka, connection } = this.#options;
    const rules = this.#rules();
    const found = kafkaTrouble(error, connection, rules);
    if (found.code !== 'KAFKA_ACCESS_DENIED') return found;
    const precise = await refuseMissingAccess(kafka, rules).then(
      () => found,
      (each: unknown) => each,
    );
    return kafkaTrouble(precise, connection, rules);
  }

  async #checkedPartitions(): Promise<number> {
    const { kafka, topic } = this.#options;
    const standing = await refuseMissingAccess(kafka, this.#rules());
    return standing.topics.find((each) => each.topic === topic)?.partitions ?? 0;
  }

  #rules(): AccessRule[] {
    const { groupId, topic, outputs } = this.#options;
    const { results, late, deadLetters } = outputs;
    const named = [results, late, deadLetters].filter((each) => each !== undefined);
    return accessRules({ groupId, topic, outputs: named });
  }
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
