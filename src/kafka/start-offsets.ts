import type { Admin, Kafka } from 'kafkajs';

/** Where in a topic reading begins. */
export type StartAt =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'end' }
  /** In each partition; what is not kept any more is passed over. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** With the first record that was written then or later. */
  | { readonly kind: 'time'; readonly timeMs: number };

/** A partition as it stands: where to begin, and where it ends now. */
export interface PartitionStart {
  readonly partition: number;
  readonly offset: number;
  readonly endOffset: number;
}

/** By partition, in their order. Throws what kafkajs throws. */
export async function startOffsets(kafka: Kafka, topic: string, at: StartAt): Promise<PartitionStart[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const [bounds, written] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      at.kind === 'time' ? writtenFrom(admin, topic, at.timeMs) : new Map<number, number>(),
    ]);
    return bounds
      .map(({ partition, low, high }) => {
        const [first, endOffset] = [Number(low), Number(high)];
        const wanted = {
          beginning: first,
          end: endOffset,
          offset: offsetOf(at),
          time: written.get(partition),
        };
        const offset = Math.min(endOffset, Math.max(first, wanted[at.kind] ?? endOffset));
        return { partition, offset, endOffset };
      })
      .sort((a, b) => a.partition - b.partition);
  } finally {
    await admin.disconnect();
  }
}

function offsetOf(at: StartAt): number | undefined {
  return at.kind === 'offset' ? at.offset : undefined;
}

async function writtenFrom(admin: Admin, topic: string, timeMs: number): Promise<Map<number, number>> {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
  return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
}
