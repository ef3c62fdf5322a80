import * as zlib from 'node:zlib';
import { Bell } from './bell.ts';
import { corrupt, systemCode, truncated } from './input-error.ts';

export type Compression = 'gzip' | 'zstd';

/** The compression that `head` begins, by its magic bytes (RFC 1952 §2.3.1; RFC 8878 §3.1). */
export function compressionOf(head: Uint8Array): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd && head[0] === 0x28) return 'zstd';
  const skippable = head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18 && head[0] >> 4 === 0x5;
  return skippable ? 'zstd' : undefined;
}

/** Whether it takes more bytes than `head` to tell. Plain text is told by its first byte, mostly. */
export function isUndecided(head: Uint8Array): boolean {
  if (head.length === 0) return true;
  return head.length < 4 && (head[0] === 0x1f || head[0] === 0x28 || head[0] >> 4 === 0x5);
}

/**
 * The bytes of a compressed stream of one or more members. A block is done with before the next one is asked for.
 * Everything that could be decompressed comes before the error: INPUT_TRUNCATED where the stream ends inside a
 * member, INPUT_CORRUPT where its data or checksum are wrong.
 */
export async function* decompressed(
  blocks: AsyncIterable<Uint8Array>,
  compression: Compression,
  name: string,
): AsyncGenerator<Uint8Array> {
  let decoder: MemberDecoder | undefined = new MemberDecoder(compression);
  try {
    for await (const block of blocks) {
      for (let rest = block; rest.length > 0;) {
        if (decoder === undefined) {
          if (compression === 'gzip') rest = withoutPadding(rest);
          if (rest.length === 0) break;
          decoder = new MemberDecoder(compression);
        }
        const before: number = decoder.bytesConsumed;
        yield* decoder.feed(rest);
        rest = rest.subarray(decoder.bytesConsumed - before);
        if (decoder.ended) decoder = undefined;
      }
    }
    if (decoder !== undefined) yield* decoder.finish();
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const { cause } = error;
    throw systemCode(cause) === 'Z_BUF_ERROR'
      ? truncated(name, compression, cause)
      : corrupt(name, compression, error);
  } finally {
    decoder?.release();
  }
}

/** Behind the zeros that tapes and blocks are filled up with. */
function withoutPadding(rest: Uint8Array): Uint8Array {
  const begin = rest.findIndex((byte) => byte !== 0);
  return begin === -1 ? rest.subarray(rest.length) : rest.subarray(begin);
}

class DecodeFailure extends Error {}

/**
 * A zlib stream in turns: bytes in, all their bytes out, then the next. An iteration over the stream itself would
 * drop what is buffered when the stream fails, and those are trades.
 */
class MemberDecoder {
  readonly #stream: zlib.Gunzip | zlib.ZstdDecompress;
  readonly #bell = new Bell();
  #failure: DecodeFailure | undefined;
  ended = false;

  constructor(compression: Compression) {
    const sizes = { chunkSize: 1 << 18, highWaterMark: 1 << 20 };
    this.#stream =
      compression === 'gzip'
        ? zlib.createGunzip(sizes)
        : zlib.createZstdDecompress({
            ...sizes,
            params: { [zlib.constants.ZSTD_d_windowLogMax]: LONGEST_WINDOW_LOG },
          });
    this.#stream.on('readable', this.#bell.ring);
    this.#stream.on('end', () => {
      this.ended = true;
      this.#bell.ring();
    });
    this.#stream.on('error', (cause) => {
      this.#failure = new DecodeFailure(cause.message, { cause });
      this.#bell.ring();
    });
  }

  get bytesConsumed(): number {
    return this.#stream.bytesWritten;
  }

  /** Decompresses `block`, or its part up to the end of the member. */
  async *feed(block: Uint8Array): AsyncGenerator<Uint8Array> {
    let taken = false;
    this.#stream.write(block, () => {
      taken = true;
      this.#bell.ring();
    });
    yield* this.#output(() => taken);
  }

  /** No more input: fails if the member is not at its end. */
  async *finish(): AsyncGenerator<Uint8Array> {
    this.#stream.end();
    yield* this.#output(() => false);
  }

  release(): void {
    this.#stream.destroy();
  }

  async *#output(done: () => boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#stream.read() as Uint8Array | null;
      if (chunk !== null) yield chunk;
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.ended || done()) return;
      else await this.#bell.wait();
    }
  }
}

/** `zstd --long=31`: the format's largest window on 64-bit machines. */
const LONGEST_WINDOW_LOG = 31;
