import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { decompress } from './compression.ts';
import type { Codec } from './compression.ts';

/** A codec as kafkajs's registry `CompressionCodecs` wants it (src/protocol/message/compression/gzip.js). */
export interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** The entry for one of the codecs that kafkajs lacks. */
export function compressForKafkajs(codec: Exclude<Codec, 'none' | 'gzip'>): () => KafkajsCodec {
  return () => ({
    compress: ({ buffer }) => Promise.resolve(COMPRESS[codec](buffer)),
    decompress: (bytes) => Promise.resolve(decompress(codec, bytes)),
  });
}

/** The records of a batch, compressed. */
export function compress(codec: Exclude<Codec, 'none'>, bytes: Buffer): Buffer {
  return COMPRESS[codec](bytes);
}

const COMPRESS = {
  gzip: (bytes: Buffer): Buffer => gzipSync(bytes),
  snappy: (bytes: Buffer): Buffer => compressSync(bytes),
  lz4: (bytes: Buffer): Buffer => compressFrameSync(bytes),
  zstd: (bytes: Buffer): Buffer => zstdCompressSync(bytes),
};
