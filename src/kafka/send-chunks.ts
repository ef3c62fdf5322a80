import type { CompressionTypes, Transaction } from 'kafkajs';
import type { Commit, OutputRecord } from './partition-producer.ts';

/**
 * Sends a commit's records in pieces, in order. kafkajs makes one record batch per partition of whatever it is given:
 * too many bytes are refused by the broker (max.message.bytes, 1 MB by default), and for many records it takes
 * quadratic time to sort them by partition.
 */
export async function sendChunks(
  transaction: Pick<Transaction, 'sendBatch'>,
  topics: Commit['records'],
  compression: CompressionTypes,
): Promise<void> {
  for (const chunk of chunks(topics)) {
    await transaction.sendBatch({ topicMessages: chunk, compression, acks: -1 });
  }
}

const CHUNK_BYTES = 512 * 1024;
const CHUNK_RECORDS = 2000;
/** A record's lengths, deltas and attributes take about this much beside its key and value. */
const RECORD_OVERHEAD_BYTES = 20;

/** Pieces of at most CHUNK_RECORDS records and about CHUNK_BYTES; a larger record is alone. */
export function* chunks(topics: Commit['records']): Generator<{ topic: string; messages: OutputRecord[] }[]> {
  let chunk: { topic: string; messages: OutputRecord[] }[] = [];
  let bytes = 0;
  let count = 0;
  for (const { topic, records } of topics) {
    for (const record of records) {
      const size = (record.key?.length ?? 0) + (record.value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
      if (count > 0 && (count === CHUNK_RECORDS || bytes + size > CHUNK_BYTES)) {
        yield chunk;
        chunk = [];
        bytes = 0;
        count = 0;
      }
      let last = chunk.at(-1);
      if (last?.topic !== topic) {
        last = { topic, messages: [] };
        chunk.push(last);
      }
      last.messages.push(record);
      bytes += size;
      count++;
    }
  }
  if (count > 0) yield chunk;
}
