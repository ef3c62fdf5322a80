import { observedWriter } from './observed-writer.ts';
import { NO_METADATA, parseMetadata, type OffsetMetadata } from './offset-metadata.ts';
import type { Logger } from './logger.ts';
import type { PartitionLog, PartitionWriter } from './partition-ports.ts';
import type { TaskObserver } from './task-observer.ts';

export interface OwningOptions {
  readonly log: PartitionLog;
  readonly observer: TaskObserver;
  readonly logger: Logger;
}

/** Where a partition stands when nobody before can write to it any more. */
export interface Owned {
  readonly writer: PartitionWriter;
  /** The offset to go on from: what comes before it is out already, or the log holds it no more. */
  readonly committed: number;
  readonly logStart: number;
  /** As the last owner has left it. */
  readonly metadata: OffsetMetadata;
}

/**
 * Fences the transactional id, so that no earlier owner can write any more; only then reads the committed offset and
 * its metadata, and goes on with `next`. Throws a failure of the log, and what `next` throws; the writer is closed then.
 */
export async function ownPartition<T>(
  partition: number,
  { log, observer, logger }: OwningOptions,
  next: (owned: Owned) => Promise<T>,
): Promise<T> {
  const writer = observedWriter(log.newWriter(partition), partition, observer);
  try {
    await writer.fence();
    const { offset, metadata, logStart } = await log.position(partition);
    if (offset !== undefined && offset < logStart) {
      const lostRecords = logStart - offset;
      logger.warn({ partition, offset, logStart, lostRecords }, 'retention has deleted unread records');
    }
    return await next({
      writer,
      committed: Math.max(offset ?? logStart, logStart),
      logStart,
      metadata: metadataOf(partition, metadata, offset, logger),
    });
  } catch (error) {
    await writer.discard().catch(alreadyGone);
    throw error;
  }
}

function metadataOf(
  partition: number,
  text: string,
  offset: number | undefined,
  logger: Logger,
): OffsetMetadata {
  if (offset === undefined) return NO_METADATA;
  const metadata = parseMetadata(text);
  if (metadata !== undefined) return metadata;
  logger.warn(
    { partition, offset, metadata: text },
    'the committed offset was not written by this pipeline: windows open there begin anew',
  );
  return { ...NO_METADATA, floor: offset };
}

function alreadyGone(): void {
  // The producer failed before; that it does not close in order either tells nothing new.
}
