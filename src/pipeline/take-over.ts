import type { Checkpoint } from './checkpoint.ts';
import { CheckpointSaver } from './checkpoint-saver.ts';
import { observedWriter } from './observed-writer.ts';
import { formatMetadata, NO_METADATA, parseMetadata, type OffsetMetadata } from './offset-metadata.ts';
import { withFloorFor } from './replay-floor.ts';
import type { PartitionWriter } from './partition-ports.ts';
import { PartitionState, shapeOf } from './partition-state.ts';
import type { TaskOptions } from './partition-task.ts';

/** A partition as it was taken over: nobody before can write to it any more. */
export interface TakenOver {
  readonly writer: PartitionWriter;
  readonly state: PartitionState;
  readonly saver: CheckpointSaver;
  /** Rises with each owner. */
  readonly epoch: bigint;
  /** The offset to read next. */
  readonly from: number;
  /** The committed offset: up to here the results are out already. */
  readonly replayUntil: number;
}

/**
 * Fences the transactional id, so that no earlier owner can write any more; only then reads the committed offset and
 * its metadata, and loads the checkpoint, which is of use if it is not ahead of that offset. Throws a failure of the
 * log; one of the checkpoint store costs a longer replay and no more.
 */
export async function takeOver(partition: number, options: TaskOptions): Promise<TakenOver> {
  const { log, state: stateOptions } = options;
  const writer = observedWriter(log.newWriter(partition), partition, options.observer);
  try {
    await writer.fence();
    const { offset, metadata, logStart } = await log.position(partition);
    const committed = Math.max(offset ?? logStart, logStart);
    if (offset !== undefined && offset < logStart) {
      const lostRecords = logStart - offset;
      options.logger.warn(
        { partition, offset, logStart, lostRecords },
        'retention has deleted unread records',
      );
    }
    const known = metadataOf(partition, metadata, offset, options);
    const before = withFloorFor(stateOptions.windows.windows, known);
    const floor = Math.min(before.floor, committed);
    const now: OffsetMetadata = { ...before, floor, epoch: before.epoch + 1n };
    // Committed before anything else, so that of two owners the later one always has the higher epoch.
    await writer.commit(NOTHING, committed, formatMetadata(now));
    const checkpoint = await usableCheckpoint(partition, logStart, committed, options);
    const from = checkpoint === undefined ? Math.max(floor, logStart) : Number(checkpoint.offset);
    const state = new PartitionState(stateOptions, now, from, checkpoint);
    const saver = new CheckpointSaver(partition, now.epoch, state, options);
    return { writer, state, saver, epoch: now.epoch, from, replayUntil: committed };
  } catch (error) {
    await writer.discard().catch(alreadyGone);
    throw error;
  }
}

function metadataOf(
  partition: number,
  text: string,
  offset: number | undefined,
  { logger }: TaskOptions,
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

async function usableCheckpoint(
  partition: number,
  logStart: number,
  committed: number,
  { checkpoints, state, logger }: TaskOptions,
): Promise<Checkpoint | undefined> {
  try {
    const checkpoint = await checkpoints.load(partition);
    if (checkpoint?.shape !== shapeOf(state)) return undefined;
    return checkpoint.offset <= committed && checkpoint.offset >= logStart ? checkpoint : undefined;
  } catch (error) {
    logger.warn({ partition, err: error }, 'no checkpoint can be loaded: replaying from Kafka');
    return undefined;
  }
}

const NOTHING = { results: [], late: [], deadLetters: [] };

function alreadyGone(): void {
  // The producer failed before; that it does not close in order either tells nothing new.
}
