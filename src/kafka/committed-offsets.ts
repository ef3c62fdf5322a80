import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { protocolType } from './producer-error.ts';

/** What the last committed transaction has left of a partition. */
export interface CommittedOffset {
  /** The offset to read next; undefined where the group has committed none. */
  readonly offset: number | undefined;
  readonly metadata: string;
}

/**
 * A group's committed offsets of a topic, by partition. Waits while the group's coordinator is being found or loaded:
 * on a fresh broker this is its first use, and inside a transaction the same would fail the transaction.
 */
export async function committedOffsets(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<Map<number, CommittedOffset>> {
  for (const until = Date.now() + COORDINATOR_WITHIN_MS; ;) {
    try {
      const topics = await admin.fetchOffsets({ groupId, topics: [topic] });
      return new Map(
        topics
          .flatMap(({ partitions }) => partitions)
          .map(({ partition, offset, metadata }) => [
            partition,
            { offset: Number(offset) < 0 ? undefined : Number(offset), metadata: metadata ?? '' },
          ]),
      );
    } catch (error) {
      if (!NOT_YET.has(protocolType(error) ?? '') || Date.now() > until) throw error;
      await delay(COORDINATOR_RETRY_MS);
    }
  }
}

const COORDINATOR_RETRY_MS = 20;
const COORDINATOR_WITHIN_MS = 10_000;
const NOT_YET = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);
