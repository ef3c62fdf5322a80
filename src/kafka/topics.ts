import kafkajs from 'kafkajs';
import type { Admin, Kafka } from 'kafkajs';
import { topicStanding } from './granted-operations.ts';

export interface NewTopic {
  readonly topic: string;
  /** Undefined: as many as the cluster gives by default. */
  readonly partitions: number | undefined;
  readonly replicas: number | undefined;
  /** Kafka's own names: `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicSummary {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Between the first and the last offset; compaction and transactions leave fewer. */
  readonly offsets: number;
}

export interface TopicDescription {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly inSync: readonly number[];
    readonly firstOffset: number;
    readonly endOffset: number;
  }[];
  /** What is set for this topic and not by default. */
  readonly config: Readonly<Record<string, string>>;
  readonly groups: readonly GroupLag[];
}

export interface GroupLag {
  readonly groupId: string;
  readonly lagRecords: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly lag: number;
  }[];
}

/** Creates what does not exist; returns for each topic whether it was created. Throws what kafkajs throws. */
export async function createTopics(kafka: Kafka, topics: readonly NewTopic[]): Promise<boolean[]> {
  const { topics: standing } = await topicStanding(
    kafka,
    topics.map(({ topic }) => topic),
  );
  const isNew = topics.map(({ topic }) => standing.find((each) => each.topic === topic)?.state !== 'there');
  const wanted = topics
    .filter((_, i) => isNew[i])
    .map(({ topic, partitions = -1, replicas = -1, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    }));
  if (wanted.length > 0)
    await withAdmin(kafka, (admin) => admin.createTopics({ topics: wanted, waitForLeaders: true }));
  return isNew;
}

/** In the order of their names. Kafka's own topics begin with `__`. Throws what kafkajs throws. */
export async function listTopics(kafka: Kafka): Promise<TopicSummary[]> {
  return withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata();
    const ordered = topics.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.all(
      ordered.map(async ({ name, partitions }) => {
        const bounds = await admin.fetchTopicOffsets(name);
        const offsets = bounds.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
        return {
          topic: name,
          partitions: partitions.length,
          replicas: partitions[0].replicas.length,
          offsets,
        };
      }),
    );
  });
}

/** Undefined where there is no such topic. Throws what kafkajs throws. */
export async function describeTopic(kafka: Kafka, topic: string): Promise<TopicDescription | undefined> {
  const { topics: standing } = await topicStanding(kafka, [topic]);
  if (standing[0].state === 'missing') return undefined;
  return withAdmin(kafka, async (admin) => {
    const [metadata, bounds, config] = await Promise.all([
      admin.fetchTopicMetadata({ topics: [topic] }),
      admin.fetchTopicOffsets(topic),
      configOf(admin, topic),
    ]);
    const ends = new Map(bounds.map(({ partition, low, high }) => [partition, [Number(low), Number(high)]]));
    const partitions = metadata.topics[0].partitions
      .toSorted((a, b) => a.partitionId - b.partitionId)
      .map(({ partitionId, leader, replicas, isr }) => {
        const [firstOffset, endOffset] = ends.get(partitionId) ?? [0, 0];
        return { partition: partitionId, leader, replicas, inSync: isr, firstOffset, endOffset };
      });
    return { topic, partitions, config, groups: await lagsOf(admin, topic, ends) };
  });
}

export async function deleteTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...topics] }));
}

async function configOf(admin: Admin, topic: string): Promise<Record<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  const entries = resources.flatMap(({ configEntries }) => configEntries);
  const own = entries.filter((entry) => entry.configSource === kafkajs.ConfigSource.TOPIC_CONFIG);
  return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
}

/** Of the groups that have committed an offset of the topic. */
async function lagsOf(
  admin: Admin,
  topic: string,
  ends: ReadonlyMap<number, readonly number[]>,
): Promise<GroupLag[]> {
  const { groups } = await admin.listGroups();
  const lags = await Promise.all(
    groups.map(async ({ groupId }) => {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const partitions = committed.partitions
        .filter(({ offset }) => Number(offset) >= 0)
        .map(({ partition, offset }) => {
          const end = ends.get(partition)?.[1] ?? Number(offset);
          return { partition, offset: Number(offset), lag: Math.max(0, end - Number(offset)) };
        })
        .sort((a, b) => a.partition - b.partition);
      return { groupId, lagRecords: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions };
    }),
  );
  return lags.filter(({ partitions }) => partitions.length > 0);
}

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
