import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { clusterFactory } from './kafkajs-internals.ts';
import type { Broker, Cluster, FetchRequest } from './kafkajs-internals.ts';
import { fetchRaw, type FetchedRecords } from './raw-fetch.ts';
import { protocolType } from './producer-error.ts';
import { RecordCursor } from './record-cursor.ts';
import { startOffsets } from './start-offsets.ts';

/** One record, its bytes its own. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What a fetch has brought of one partition. */
export interface TopicPiece {
  readonly partition: number;
  readonly records: readonly TopicRecord[];
  /** Where the partition is read on. */
  readonly nextOffset: number;
  /** What can be read by now; behind it are open transactions. */
  readonly endOffset: number;
}

export interface ReadTopic {
  readonly topic: string;
  /** Where to begin, by partition; others are not read. */
  readonly from: ReadonlyMap<number, number>;
  /** Whether records of open and aborted transactions come too. */
  readonly uncommitted: boolean;
  /** Gets what was read, also where that is nothing; the next fetch from this broker waits for it. */
  readonly onPiece: (piece: TopicPiece) => Promise<void> | void;
}

/**
 * Reads partitions of a topic without a consumer group, until `signal` aborts: nothing is committed, and no right on a
 * group is needed. Goes on behind what retention has taken away meanwhile, and with the new leader of a partition that
 * moved; a cluster that does not answer for 20 s is given up. Throws what kafkajs throws.
 */
export async function readTopic(kafka: Kafka, wanted: ReadTopic, signal: AbortSignal): Promise<void> {
  const cluster = clusterFactory(kafka).create.call(kafka, { allowAutoTopicCreation: false });
  const reading = new Reading(kafka, cluster, wanted);
  fetchRaw(cluster, {
    onOutOfRange: (_topic, partition) => {
      reading.outOfRange.add(partition);
    },
  });
  try {
    await cluster.connect();
    await cluster.addMultipleTargetTopics([wanted.topic]);
    for (let failedSinceMs: number | undefined; !signal.aborted;) {
      try {
        await reading.untilTrouble(signal, () => (failedSinceMs = undefined));
      } catch (error) {
        failedSinceMs ??= performance.now();
        if (isFinal(error) || performance.now() - failedSinceMs > GIVE_UP_AFTER_MS) throw error;
        await delay(RETRY_MS);
        await cluster.refreshMetadata();
      }
    }
  } finally {
    await cluster.disconnect();
  }
}

/** What a broker says of a request that will not become right by being repeated. */
function isFinal(error: unknown): boolean {
  return protocolType(error) !== undefined && (error as { retriable?: boolean }).retriable === false;
}

class Reading {
  readonly outOfRange = new Set<number>();
  readonly #kafka: Kafka;
  readonly #cluster: Cluster;
  readonly #wanted: ReadTopic;
  readonly #positions: Map<number, number>;
  readonly #cursor = new RecordCursor();

  constructor(kafka: Kafka, cluster: Cluster, wanted: ReadTopic) {
    this.#kafka = kafka;
    this.#cluster = cluster;
    this.#wanted = wanted;
    this.#positions = new Map(wanted.from);
  }

  /** Reads from each leader until one fails, or the signal. */
  async untilTrouble(signal: AbortSignal, onAnswer: () => void): Promise<void> {
    const trouble = new AbortController();
    const either = AbortSignal.any([signal, trouble.signal]);
    const leaders = this.#cluster.findLeaderForPartitions(this.#wanted.topic, [...this.#positions.keys()]);
    const loops = Object.entries(leaders).map(async ([nodeId, partitions]) => {
      try {
        const broker = await this.#cluster.findBroker({ nodeId });
        while (!either.aborted) {
          await this.#fetch(broker, partitions);
          onAnswer();
        }
      } finally {
        trouble.abort();
      }
    });
    const ended = await Promise.allSettled(loops);
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async #fetch(broker: Broker, partitions: readonly number[]): Promise<void> {
    const { topic, uncommitted, onPiece } = this.#wanted;
    const request: FetchRequest = {
      isolationLevel: uncommitted ? READ_UNCOMMITTED : READ_COMMITTED,
      maxWaitTime: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      topics: [
        {
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            fetchOffset: String(this.#positions.get(partition)),
            maxBytes: MAX_BYTES_PER_PARTITION,
          })),
        },
      ],
    };
    const { responses } = (await broker.fetch(request)) as Answer;
    for (const answer of responses.flatMap((each) => each.partitions)) {
      const { partition, messages, lastStableOffset } = answer;
      const fetched = messages.at(0)?.fetched;
      if (fetched !== undefined) this.#positions.set(partition, fetched.nextOffset);
      if (this.outOfRange.delete(partition)) await this.#skipWhatIsGone(partition);
      const records = fetched === undefined ? [] : this.#records(fetched);
      const nextOffset = this.#positions.get(partition) ?? 0;
      await onPiece({ partition, records, nextOffset, endOffset: Number(lastStableOffset) });
    }
  }

  /** The nearest offset that is still kept. */
  async #skipWhatIsGone(partition: number): Promise<void> {
    const at = { kind: 'offset', offset: this.#positions.get(partition) ?? 0 } as const;
    const starts = await startOffsets(this.#kafka, this.#wanted.topic, at);
    const found = starts.find((each) => each.partition === partition);
    if (found !== undefined) this.#positions.set(partition, found.offset);
  }

  #records({ partition, batches, fromOffset }: FetchedRecords): TopicRecord[] {
    const records: TopicRecord[] = [];
    const cursor = this.#cursor;
    for (const batch of batches) {
      cursor.open(batch, fromOffset);
      while (cursor.next()) {
        const { offset, timestampMs, bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
        const key = keyStart < 0 ? null : Buffer.from(bytes.subarray(keyStart, keyEnd));
        const value = valueStart < 0 ? null : Buffer.from(bytes.subarray(valueStart, valueEnd));
        records.push({ partition, offset, timestampMs, key, value });
      }
    }
    return records;
  }
}

/** As raw-fetch.ts answers. */
interface Answer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partition: number;
      readonly lastStableOffset: string;
      readonly messages: readonly { readonly fetched: FetchedRecords }[];
    }[];
  }[];
}

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
/** Also how long the end may take after Ctrl-C. */
const MAX_WAIT_MS = 250;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 1024 * 1024;
const RETRY_MS = 200;
const GIVE_UP_AFTER_MS = 20_000;
