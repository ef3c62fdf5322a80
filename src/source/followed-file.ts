import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { TidemarkError } from '../pipeline/error.ts';
import type { ByteSource, StreamCut } from '../pipeline/source.ts';
import { BlockReader } from './block-reader.ts';
import { compressionOf } from './decompressed.ts';
import { FileChanges } from './file-changes.ts';
import { notFollowable, systemCode, unreadable } from './input-error.ts';

/** A change that the system gives no notice of is seen after this time. */
const POLL_MS = 250;

/**
 * A plain file that grows, from its beginning on and without end, through rotation too: a file that is replaced is
 * read to its end and the new one from its beginning, with a cut between; a file that is cut shorter is begun anew.
 * A file that is cut and grows past the old end between two looks cannot be told from one that only grew.
 */
export class FollowedFile implements ByteSource {
  readonly name: string;
  readonly bounded = false;
  readonly totalBytes = undefined;
  progressBytes = 0;

  constructor(path: string) {
    this.name = path;
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array | StreamCut> {
    const changes = new FileChanges(this.name, POLL_MS);
    try {
      for (let files = 0; !signal.aborted; files++) {
        const handle = await this.#opened(changes, signal);
        if (handle === undefined) return;
        try {
          if (files > 0) yield { cut: 'the file was replaced' };
          yield* this.#whileInPlace(handle, changes, signal);
        } finally {
          await handle.close();
        }
      }
    } finally {
      changes.close();
    }
  }

  /** Waits for the file to be there. Undefined at the abort. */
  async #opened(changes: FileChanges, signal: AbortSignal): Promise<FileHandle | undefined> {
    while (!signal.aborted) {
      try {
        if ((await stat(this.name)).isFIFO()) throw notFollowable(this.name, 'a pipe');
        return await open(this.name);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw await this.#explained(error);
      }
      await changes.next(signal);
    }
    return undefined;
  }

  /** Yields what the open file has and gets, until another one has its name. */
  async *#whileInPlace(
    handle: FileHandle,
    changes: FileChanges,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | StreamCut> {
    const reader = new BlockReader(handle);
    for (let replaced = false; ;) {
      yield* this.#grown(reader, signal);
      if (replaced || signal.aborted) return; // a last look is taken after the new file is there
      const [opened, named] = await Promise.all([handle.stat(), this.#named()]);
      if (opened.size < reader.position) {
        reader.position = 0;
        yield { cut: 'the file was cut shorter' };
        continue;
      }
      replaced = named !== undefined && (named.ino !== opened.ino || named.dev !== opened.dev);
      if (!replaced && opened.size === reader.position) await changes.next(signal);
    }
  }

  async *#grown(reader: BlockReader, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const atStart = reader.position === 0;
    try {
      for await (const block of reader.blocks()) {
        if (signal.aborted) return;
        const isHead = atStart && reader.position === block.length;
        if (isHead) refuseCompressed(this.name, block);
        this.progressBytes += block.length;
        yield block;
      }
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  /** The file that has the name now; undefined between the two steps of a rotation. */
  async #named(): Promise<Stats | undefined> {
    try {
      return await stat(this.name);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw await this.#explained(error);
    }
  }

  async #explained(error: unknown): Promise<unknown> {
    return error instanceof TidemarkError ? error : await unreadable(this.name, error);
  }
}

function refuseCompressed(name: string, head: Uint8Array): void {
  const compression = compressionOf(head);
  if (compression !== undefined) throw notFollowable(name, `compressed with ${compression}`);
}
