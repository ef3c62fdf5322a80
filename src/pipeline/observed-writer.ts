import { failureKind, type PartitionWriter } from './partition-ports.ts';
import type { TaskObserver } from './task-observer.ts';

/** The same writer; the observer is told what becomes of each transaction. */
export function observedWriter(
  writer: PartitionWriter,
  partition: number,
  observer: Pick<TaskObserver, 'transaction'>,
): PartitionWriter {
  return {
    fence: () => writer.fence(),
    discard: () => writer.discard(),
    commit: async (outgoing, offset, metadata) => {
      try {
        await writer.commit(outgoing, offset, metadata);
      } catch (error) {
        observer.transaction(partition, failureKind(error) === 'fenced' ? 'fenced' : 'aborted');
        throw error;
      }
      observer.transaction(partition, 'committed');
    },
  };
}
