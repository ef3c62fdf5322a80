import { CODECS, decompress } from './compression.ts';
import type { Codec } from './compression.ts';
import { KafkaDataError } from './data-error.ts';

/**
 * One record batch of message format 2, as a broker stores it (Kafka's DefaultRecordBatch): the header read, the
 * records left as bytes. Offsets, times and producer ids are numbers: exact up to 2^53.
 */
export class RecordBatch {
  readonly baseOffset: number;
  /** Of the last record that the producer wrote, whether or not compaction has kept it. */
  readonly lastOffset: number;
  readonly recordCount: number;
  readonly codec: Codec;
  /** Whether the broker set the time; then all records have `maxTimestampMs`. */
  readonly appendTime: boolean;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  /** -1 where the producer is neither idempotent nor transactional. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactional: boolean;
  /** Whether it holds a transaction's marker rather than data. */
  readonly control: boolean;
  readonly #stored: Buffer;

  /** `bytes` is exactly one batch, whose magic and length have been checked. */
  constructor(bytes: Buffer) {
    const attributes = bytes.readInt16BE(ATTRIBUTES_AT);
    this.baseOffset = readInt64(bytes, 0);
    this.lastOffset = this.baseOffset + bytes.readInt32BE(23);
    this.codec = codecOf(attributes, this.baseOffset);
    this.appendTime = (attributes & 0x08) !== 0;
    this.transactional = (attributes & 0x10) !== 0;
    this.control = (attributes & 0x20) !== 0;
    this.firstTimestampMs = readInt64(bytes, 27);
    this.maxTimestampMs = readInt64(bytes, 35);
    this.producerId = readInt64(bytes, 43);
    this.producerEpoch = bytes.readInt16BE(51);
    this.recordCount = bytes.readInt32BE(57);
    this.#stored = bytes.subarray(HEADER_BYTES);
  }

  /**
   * The records' bytes. Compressed ones are unpacked at each call, so that only the batch at hand takes the memory;
   * others are a view of the response they came in. Throws what `decompress` throws.
   */
  records(): Buffer {
    return this.codec === 'none' ? this.#stored : decompress(this.codec, this.#stored);
  }
}

/**
 * The batches in the bytes of one fetched partition. A last batch that was cut off by the fetch's size limit is left
 * out: the next fetch brings it whole. Throws a KafkaDataError: KAFKA_OLD_FORMAT, KAFKA_CORRUPT_BATCH.
 */
export function readRecordBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let at = 0;
  while (at + MAGIC_AT < bytes.length) {
    const offset = readInt64(bytes, at);
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH_AT);
    const magic = bytes.readInt8(at + MAGIC_AT);
    if (magic !== FORMAT) throw unreadableFormat(magic, offset);
    if (end - at < HEADER_BYTES) throw corrupt(`The batch at offset ${offset} is shorter than its header.`);
    if (end > bytes.length) break;
    batches.push(new RecordBatch(bytes.subarray(at, end)));
    at = end;
  }
  return batches;
}

export function corrupt(message: string): KafkaDataError {
  return new KafkaDataError('KAFKA_CORRUPT_BATCH', message, 'Check the log segment (kafka-dump-log).');
}

const FORMAT = 2;
const LENGTH_AT = 8;
const LENGTH_END = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const HEADER_BYTES = 61;

export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

function codecOf(attributes: number, offset: number): Codec {
  const number = attributes & 0x07;
  const codec = CODECS.at(number);
  if (codec !== undefined) return codec;
  throw new KafkaDataError(
    'KAFKA_UNKNOWN_CODEC',
    `The batch at offset ${offset} is compressed with codec ${number}; known are ${CODECS.join(', ')}.`,
    'Let the producer use one of these (compression.type).',
  );
}

function unreadableFormat(magic: number, offset: number): KafkaDataError {
  if (magic > FORMAT || magic < 0)
    return corrupt(`The batch at offset ${offset} has the magic byte ${magic}, not 2.`);
  return new KafkaDataError(
    'KAFKA_OLD_FORMAT',
    `The messages from offset ${offset} on are in message format ${magic}, of Kafka before 0.11; format 2 is needed.`,
    'Copy the topic with a current producer, or start behind these messages.',
  );
}
