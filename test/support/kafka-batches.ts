import { createRequire } from 'node:module';
import { CompressionTypes } from 'kafkajs';
import type { RecordBatch } from '../../src/kafka/record-batch.ts';
import { RecordCursor } from '../../src/kafka/record-cursor.ts';
import { readHeaders } from '../../src/kafka/record-headers.ts';

/** A record as a test writes it down; offsets and times are relative to the batch's. */
export interface WrittenRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly headers?: Record<string, Buffer | string>;
}

export interface WrittenBatch {
  readonly firstOffset?: number;
  readonly firstTimestampMs?: number;
  readonly maxTimestampMs?: number;
  readonly compression?: CompressionTypes;
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly appendTime?: boolean;
  readonly records: readonly WrittenRecord[];
}

/** One record batch as bytes, made by kafkajs's encoder; what that can't write is set in its attributes after. */
export async function batchBytes(batch: WrittenBatch): Promise<Buffer> {
  const records = batch.records.map((record, index) => encodeRecord({ offsetDelta: index, ...record }));
  const { buffer } = await encodeBatch({
    compression: batch.compression ?? CompressionTypes.None,
    firstOffset: batch.firstOffset ?? 0,
    firstTimestamp: batch.firstTimestampMs ?? 0,
    maxTimestamp: batch.maxTimestampMs ?? 0,
    lastOffsetDelta: Math.max(0, ...batch.records.map(({ offsetDelta }, index) => offsetDelta ?? index)),
    transactional: batch.transactional ?? false,
    producerId: batch.producerId ?? -1,
    records,
  });
  const bytes = Buffer.from(buffer);
  const attributes = bytes.readInt16BE(21) | (batch.appendTime ? 0x08 : 0) | (batch.control ? 0x20 : 0);
  bytes.writeInt16BE(attributes, 21);
  return bytes;
}

/** A transaction's end, as the broker writes it. */
export function markerBytes(
  firstOffset: number,
  producerId: number,
  end: 'abort' | 'commit',
): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, end === 'commit' ? 1 : 0]);
  const records = [{ key, value: Buffer.alloc(6) }];
  return batchBytes({ firstOffset, producerId, transactional: true, control: true, records });
}

/** One record, decoded. */
export interface ReadRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

/** What the cursor finds in batches. */
export function walk(batches: readonly RecordBatch[], fromOffset = 0): ReadRecord[] {
  const cursor = new RecordCursor();
  const records: ReadRecord[] = [];
  for (const batch of batches) {
    cursor.open(batch, fromOffset);
    while (cursor.next()) {
      const { bytes, offset, timestampMs } = cursor;
      records.push({
        offset,
        timestampMs,
        key: cursor.keyStart < 0 ? null : bytes.toString('latin1', cursor.keyStart, cursor.keyEnd),
        value: cursor.valueStart < 0 ? null : bytes.toString('latin1', cursor.valueStart, cursor.valueEnd),
        headers: readHeaders(cursor.bytes, cursor.headersStart).map(
          ({ key, value }) => [key, value && Buffer.from(value).toString('latin1')] as const,
        ),
      });
    }
  }
  return records;
}

/** What kafkajs's own decoder finds in the bytes of a fetched partition. */
export async function decodeWithKafkajs(
  bytes: Buffer,
): Promise<(ReadRecord & { isControlRecord: boolean })[]> {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([length, bytes])));
  return messages.map((message) => ({
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key?.toString('latin1') ?? null,
    value: message.value?.toString('latin1') ?? null,
    headers: Object.entries(message.headers).map(
      ([key, value]) => [key, value?.toString('latin1') ?? null] as const,
    ),
    isControlRecord: message.isControlRecord,
  }));
}

interface KafkajsMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | null>;
  isControlRecord: boolean;
}

const require = createRequire(import.meta.url);
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  record: WrittenRecord,
) => unknown;
const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<{ buffer: Buffer }>;
};
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
  decoder: object,
) => Promise<KafkajsMessage[]>;
