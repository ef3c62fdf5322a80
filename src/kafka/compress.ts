import { zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { decompress } from './compression.ts';
import type { Codec } from './compression.ts';

/** A codec as kafkajs's registry `CompressionCodecs` wants it (src/protocol/message/compression/gzip.js). */
export interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** The entry for one of the codecs that kafkajs lacks; `name` as in its `CompressionTypes`. */
export function compressForKafkajs(name: 'Snappy' | 'LZ4' | 'ZSTD'): () => KafkajsCodec {
  const codec = name.toLowerCase() as Exclude<Codec, 'none' | 'gzip'>;
  return () => ({
    compress: ({ buffer }) => Promise.resolve(COMPRESS[codec](buffer)),
    decompress: (bytes) => Promise.resolve(decompress(codec, bytes)),
  });
}

const COMPRESS = {
  snappy: (bytes: Buffer): Buffer => compressSync(bytes),
  lz4: (bytes: Buffer): Buffer => compressFrameSync(bytes),
  zstd: (bytes: Buffer): Buffer => zstdCompressSync(bytes),
};
