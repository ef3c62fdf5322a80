import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { KafkaDataError } from './data-error.ts';
import { decompressLz4Frame } from './lz4-frame.ts';
import { decompressSnappy } from './snappy-blocks.ts';
import { exceedsUnpackLimit } from './unpack-limit.ts';

/** The codecs of Kafka's record batches; the position is the number in a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/**
 * What one batch may become. Producers make batches of some 16 KB to 1 MB; a hundred times that is no batch of
 * trades but a mistake, or meant to exhaust memory.
 */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/**
 * Undoes a batch's compression. `none` gives back `bytes` themselves.
 * Throws a KafkaDataError: KAFKA_CORRUPT_BATCH, KAFKA_BATCH_TOO_LARGE.
 */
export function decompress(codec: Codec, bytes: Buffer, maxBytes = MAX_BATCH_BYTES): Buffer {
  try {
    return DECOMPRESS[codec](bytes, maxBytes);
  } catch (error) {
    const tooLarge = exceedsUnpackLimit(error);
    throw new KafkaDataError(
      tooLarge ? 'KAFKA_BATCH_TOO_LARGE' : 'KAFKA_CORRUPT_BATCH',
      tooLarge
        ? `A ${codec} record batch of ${bytes.length} bytes would unpack to more than ${maxBytes} bytes.`
        : `A record batch of ${bytes.length} bytes is not valid ${codec}.`,
      tooLarge
        ? 'Let the producer write smaller batches (batch.size).'
        : 'Check the log segment (kafka-dump-log).',
      error,
    );
  }
}

const DECOMPRESS: Record<Codec, (bytes: Buffer, maxBytes: number) => Buffer> = {
  none: (bytes) => bytes,
  gzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  snappy: decompressSnappy,
  lz4: decompressLz4Frame,
  zstd: (bytes, maxBytes) => zstdDecompressSync(bytes, { maxOutputLength: maxBytes }),
};
