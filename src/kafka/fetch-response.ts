import type { AbortedTransaction } from './committed-batches.ts';
import { Reader } from './reader.ts';

/** What a broker answers to a Fetch request of version 11, the records left as bytes. */
export interface FetchResponse {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly PartitionResponse[] }[];
}

export interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  /** Behind the last record that all in-sync replicas have. */
  readonly highWatermark: number;
  /** Behind the last record that belongs to no open transaction. */
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The node to read from next; -1 for "stay". */
  readonly preferredReadReplica: number;
  readonly records: Buffer;
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, response version 11. The records are views of `bytes`. */
export function decodeFetchResponse(bytes: Buffer): FetchResponse {
  const reader = new Reader(bytes);
  return {
    throttleMs: reader.int32(),
    errorCode: reader.int16(),
    sessionId: reader.int32(),
    topics: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => partitionResponse(reader)),
    })),
  };
}

function partitionResponse(reader: Reader): PartitionResponse {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: reader.int64(),
    aborted: reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() })),
    preferredReadReplica: reader.int32(),
    records: reader.bytes(),
  };
}
