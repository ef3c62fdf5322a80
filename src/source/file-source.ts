import { constants, openSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ByteSource } from '../pipeline/source.ts';
import { BlockReader } from './block-reader.ts';
import { compressionOf, decompressed, isUndecided } from './decompressed.ts';
import { FollowedFile } from './followed-file.ts';
import { notFollowable, unreadable } from './input-error.ts';

export interface FileOptions {
  /** Wait at the end of the file for more of it, and for the file itself. */
  readonly follow?: boolean;
  /** Stands in for the process's standard input. */
  readonly stdin?: Readable;
}

/**
 * The bytes of a file, of a pipe that has a path, or with `-` of the standard input; gzip and zstd are told by
 * their first bytes and decompressed. Nothing is opened before `chunks` runs; `totalBytes` is known from then on.
 *
 * Throws INPUT_NOT_FOLLOWABLE for `follow` on the standard input; on a compressed file or a pipe `chunks` does.
 */
export function fileSource(path: string, { follow = false, stdin }: FileOptions = {}): ByteSource {
  if (path !== '-') return follow ? new FollowedFile(path) : new FileSource(path);
  if (follow) throw notFollowable('stdin', 'a pipe');
  return new FileSource('stdin', () => stdin ?? process.stdin);
}

/** Read from its beginning to its end, once. Where a stream is given, `name` is a name and not a path. */
class FileSource implements ByteSource {
  readonly name: string;
  readonly bounded = true;
  totalBytes: number | undefined;
  progressBytes = 0;
  readonly #stream: (() => Readable) | undefined;

  constructor(name: string, stream?: () => Readable) {
    this.name = name;
    this.#stream = stream;
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of plain(this.#blocks(signal), this.name)) {
        if (signal.aborted) return;
        yield chunk;
      }
    } catch (error) {
      if (!signal.aborted) throw error; // what is stopped halfway looks truncated
    }
  }

  async *#blocks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const block of await this.#open(signal)) {
        this.progressBytes += block.length;
        yield block;
      }
    } catch (error) {
      throw await unreadable(this.name, error);
    }
  }

  async #open(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    if (this.#stream !== undefined) return streamBlocks(this.#stream(), signal);
    const status = await stat(this.name);
    if (status.isFIFO()) return streamBlocks(openPipe(this.name), signal);
    if (status.isFile()) this.totalBytes = status.size;
    return fileBlocks(this.name);
  }
}

async function* fileBlocks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path);
  try {
    yield* new BlockReader(handle).blocks();
  } finally {
    await handle.close();
  }
}

/** The event loop waits for the pipe's writer. A plain read would wait in a thread that nothing can call back. */
function openPipe(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

/** Ends at the abort, even while it waits. The stream is destroyed in the end, so that it holds up no exit. */
async function* streamBlocks(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = (): unknown => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** `blocks` as they are, or decompressed if they begin so. */
async function* plain(blocks: AsyncGenerator<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    const head = await headOf(blocks);
    const compression = compressionOf(head);
    const all = startingWith(head, blocks);
    yield* compression === undefined ? all : decompressed(all, compression, name);
  } finally {
    await blocks.return(undefined);
  }
}

/** The first block, or as many as it takes to tell the format. */
async function headOf(blocks: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (isUndecided(head)) {
    const next = await blocks.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* startingWith(
  head: Uint8Array,
  blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* blocks;
}
