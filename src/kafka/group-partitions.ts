import kafkajs from 'kafkajs';
import type { Admin, Kafka } from 'kafkajs';
import { parseMetadata } from '../pipeline/offset-metadata.ts';
import { committedOffsets } from './committed-offsets.ts';

/** How a pipeline stands in one partition of its input. */
export interface PartitionStanding {
  readonly partition: number;
  /** The instance that has it, on Kubernetes its pod; null while nobody has. */
  readonly owner: string | null;
  /** The offset to read next; null before the first commit. */
  readonly offset: number | null;
  readonly endOffset: number;
  readonly lag: number;
  /** In ms since the epoch; null before the first trade. */
  readonly watermark: number | null;
}

/** The partitions of a topic as a group of aggregators has them, in their order. Throws what kafkajs throws. */
export async function groupPartitions(
  kafka: Kafka,
  groupId: string,
  topic: string,
): Promise<PartitionStanding[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const [committed, bounds, owners] = await Promise.all([
      committedOffsets(admin, groupId, topic),
      admin.fetchTopicOffsets(topic),
      ownersOf(admin, groupId, topic),
    ]);
    return bounds
      .map(({ partition, low, high }) => {
        const { offset, metadata = '' } = committed.get(partition) ?? {};
        const [first, endOffset] = [Number(low), Number(high)];
        const watermarkMs = parseMetadata(metadata)?.watermarkMs ?? -Infinity;
        return {
          partition,
          owner: owners.get(partition) ?? null,
          offset: offset ?? null,
          endOffset,
          lag: Math.max(0, endOffset - Math.max(first, offset ?? first)),
          watermark: Number.isFinite(watermarkMs) ? watermarkMs : null,
        };
      })
      .sort((a, b) => a.partition - b.partition);
  } finally {
    await admin.disconnect();
  }
}

async function ownersOf(admin: Admin, groupId: string, topic: string): Promise<Map<number, string>> {
  const { groups } = await admin.describeGroups([groupId]);
  const owners = groups
    .flatMap(({ members }) => members)
    .flatMap(({ clientId, memberAssignment }) => {
      const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment);
      return (decoded?.assignment[topic] ?? []).map((partition) => [partition, clientId] as const);
    });
  return new Map(owners);
}
