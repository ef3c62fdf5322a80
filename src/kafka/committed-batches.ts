import type { RecordBatch } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';

/** An aborted transaction that reaches into a fetched range, as the broker names it. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/**
 * What a `read_committed` consumer may see of fetched batches: no control batches, and none of a transaction that was
 * aborted. From its first offset on, a producer's transactional batches belong to the aborted transaction until that
 * producer's abort marker (KIP-98; Kafka's CompletedFetch). Whole batches are judged, for a batch has one producer.
 */
export function committedBatches(
  batches: readonly RecordBatch[],
  aborted: readonly AbortedTransaction[],
): RecordBatch[] {
  const ahead = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<number>();
  let begun = 0;
  return batches.filter((batch) => {
    while (begun < ahead.length && ahead[begun].firstOffset <= batch.lastOffset) {
      aborting.add(ahead[begun++].producerId);
    }
    if (batch.control) {
      if (isAbortMarker(batch)) aborting.delete(batch.producerId);
      return false;
    }
    return !(batch.transactional && aborting.has(batch.producerId));
  });
}

const ABORT = 0;

/** A control record's key is its version and its type, two bytes each. */
function isAbortMarker(batch: RecordBatch): boolean {
  const cursor = new RecordCursor().open(batch);
  return (
    cursor.next() &&
    cursor.keyEnd - cursor.keyStart >= 4 &&
    cursor.bytes.readInt16BE(cursor.keyStart + 2) === ABORT
  );
}
