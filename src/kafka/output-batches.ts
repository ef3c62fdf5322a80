import type { RecordHeader } from '../pipeline/partition-ports.ts';
import { BatchBuilder, type RecordPart } from './batch-builder.ts';
import { internals } from './kafkajs-internals.ts';

/** A record to write; the partition follows from the key, as in the Java client. */
export interface OutputRecord {
  readonly key: RecordPart;
  readonly value: RecordPart;
  readonly headers?: readonly RecordHeader[];
  /** Whether each partition gets it. */
  readonly toAll?: true;
}

export interface TopicRecords {
  readonly topic: string;
  readonly records: readonly OutputRecord[];
}

/** The batches of one partition, in order. */
export interface PartitionBatches {
  readonly topic: string;
  readonly partition: number;
  readonly batches: readonly BatchBuilder[];
}

/**
 * Sorts records into batches by partition. A broker refuses batches over max.message.bytes, 1 MB by default, so they
 * are cut at half of it; a record that is larger is alone, for the broker to judge.
 */
export class OutputBatches {
  /** By topic: the partition of a key that is a text. Symbols come again and again. */
  readonly #partitionOf = new Map<string, Map<string, number>>();
  /** Where records without a key go. */
  readonly #withoutKey: number;

  constructor(inputPartition: number) {
    this.#withoutKey = inputPartition;
  }

  of({ topic, records }: TopicRecords, partitions: number): PartitionBatches[] {
    const byPartition: BatchBuilder[][] = Array.from({ length: partitions }, () => []);
    const known = this.#knownOf(topic, partitions);
    for (const record of records) {
      if (record.toAll) for (const batches of byPartition) add(batches, record);
      else add(byPartition[this.#partition(record.key, known, partitions)], record);
    }
    return byPartition.flatMap((batches, partition) =>
      batches.length === 0 ? [] : [{ topic, partition, batches }],
    );
  }

  #partition(key: RecordPart, known: Map<string, number>, partitions: number): number {
    if (key === null) return this.#withoutKey % partitions;
    if (typeof key !== 'string') return javaPartition(key, partitions);
    let partition = known.get(key);
    if (partition === undefined) {
      partition = javaPartition(Buffer.from(key), partitions);
      known.set(key, partition);
    }
    return partition;
  }

  #knownOf(topic: string, partitions: number): Map<string, number> {
    const name = `${topic} ${partitions}`;
    let known = this.#partitionOf.get(name);
    if (known === undefined || known.size > MOST_KNOWN_KEYS) {
      known = new Map();
      this.#partitionOf.set(name, known);
    }
    return known;
  }
}

function add(batches: BatchBuilder[], { key, value, headers }: OutputRecord): void {
  let batch = batches.at(-1);
  if (
    batch === undefined ||
    (batch.count > 0 && batch.size + sizeOf(key) + sizeOf(value) + sizeOfAll(headers) > BATCH_BYTES)
  ) {
    batch = new BatchBuilder();
    batches.push(batch);
  }
  batch.add(key, value, headers);
}

/** org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey */
function javaPartition(key: Uint8Array, partitions: number): number {
  return (internals().murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

/** At most so many bytes; it only decides where a batch is cut. */
function sizeOf(part: RecordPart): number {
  return part === null ? 0 : typeof part === 'string' ? part.length * 3 : part.length;
}

function sizeOfAll(headers: readonly RecordHeader[] = []): number {
  return headers.reduce((sum, { key, value }) => sum + sizeOf(key) + sizeOf(value), 0);
}

const BATCH_BYTES = 512 * 1024;
const MOST_KNOWN_KEYS = 200_000;
