import type { Admin } from 'kafkajs';
import { parseMetadata } from '../pipeline/offset-metadata.ts';
import { committedOffsets } from './committed-offsets.ts';

/** Which topics exist, of those named, with the number of their partitions and whether a record was ever written. */
export async function seenTopics(
  admin: Admin,
  names: readonly string[],
): Promise<Map<string, { partitions: number; isEmpty: boolean }>> {
  const existing = (await admin.listTopics()).filter((name) => names.includes(name));
  const seen = existing.map(async (name) => {
    const offsets = await admin.fetchTopicOffsets(name);
    return [
      name,
      { partitions: offsets.length, isEmpty: offsets.every(({ high }) => high === '0') },
    ] as const;
  });
  return new Map(await Promise.all(seen));
}

/** Creates topics, with as many replicas as the brokers give by default. Returns the names of those that were not there. */
export async function createTopics(
  admin: Admin,
  topics: readonly {
    readonly name: string;
    readonly partitions: number | undefined;
    readonly config?: Readonly<Record<string, string>>;
  }[],
): Promise<string[]> {
  const created: string[] = [];
  for (const { name, partitions, config = {} } of topics) {
    const topic = {
      topic: name,
      numPartitions: partitions ?? BROKERS_DEFAULT,
      replicationFactor: BROKERS_DEFAULT,
      configEntries: Object.entries(config).map(([setting, value]) => ({ name: setting, value })),
    };
    if (await admin.createTopics({ topics: [topic], waitForLeaders: true })) created.push(name);
  }
  return created;
}

export async function growTopic(admin: Admin, topic: string, partitions: number): Promise<void> {
  await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
}

/** One that is gone already is fine. */
export async function removeTopics(admin: Admin, names: readonly string[]): Promise<void> {
  const existing = await admin.listTopics();
  const topics = names.filter((name) => existing.includes(name));
  if (topics.length > 0) await admin.deleteTopics({ topics });
}

/**
 * How far a group is in a topic: records it has still to read, the lowest watermark that it has committed, and what its
 * members have committed of symbols that trade in several partitions.
 */
export async function groupProgress(admin: Admin, groupId: string, topic: string): Promise<GroupProgress> {
  const [committed, bounds] = await Promise.all([
    committedOffsets(admin, groupId, topic),
    admin.fetchTopicOffsets(topic),
  ]);
  let lagRecords = 0;
  let watermarkMs = Infinity;
  let split: GroupProgress['split'];
  for (const { partition, low, high } of bounds) {
    const { offset = Number(low), metadata = '' } = committed.get(partition) ?? {};
    lagRecords += Math.max(0, Number(high) - Math.max(offset, Number(low)));
    const known = parseMetadata(metadata);
    if (known !== undefined && Number.isFinite(known.watermarkMs))
      watermarkMs = Math.min(watermarkMs, known.watermarkMs);
    if (known?.split !== undefined && known.split.count > (split?.count ?? 0)) {
      const { count, symbol, otherPartition } = known.split;
      split = { count, symbol, partitions: [partition, otherPartition] };
    }
  }
  return { lagRecords, watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : undefined, split };
}

export interface GroupProgress {
  readonly lagRecords: number;
  readonly watermarkMs: number | undefined;
  /** Of the partition with the most of them. */
  readonly split:
    | { readonly count: number; readonly symbol: string; readonly partitions: readonly [number, number] }
    | undefined;
}

const BROKERS_DEFAULT = -1;
