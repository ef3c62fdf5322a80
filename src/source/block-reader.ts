import type { FileHandle } from 'node:fs/promises';

/** 1 MiB: large enough that a read costs little beside its bytes, small enough to stay in the processor's cache. */
const BLOCK_BYTES = 1 << 20;

/**
 * Reads a file in blocks, one block ahead: while the consumer works on one buffer the system fills the other.
 * The handle stays its owner's.
 */
export class BlockReader {
  readonly #handle: FileHandle;
  readonly #buffers: [Uint8Array, Uint8Array];
  /** Where the next block begins, in bytes from the start of the file. */
  position = 0;

  constructor(handle: FileHandle, blockBytes = BLOCK_BYTES) {
    this.#handle = handle;
    this.#buffers = [Buffer.allocUnsafeSlow(blockBytes), Buffer.allocUnsafeSlow(blockBytes)];
  }

  /** The blocks from `position` to the end of the file as it is when it is reached; may be called again later. */
  async *blocks(): AsyncGenerator<Uint8Array> {
    const [first, second] = this.#buffers;
    let buffer = first;
    let ahead = this.#read(buffer, this.position);
    try {
      for (;;) {
        const bytesRead = await ahead;
        if (bytesRead === 0) return;
        const block = buffer.subarray(0, bytesRead);
        this.position += bytesRead;
        buffer = buffer === first ? second : first;
        ahead = this.#read(buffer, this.position);
        yield block;
      }
    } finally {
      await ahead.catch(failureSeenByTheLoop);
    }
  }

  #read(buffer: Uint8Array, position: number): Promise<number> {
    const read = this.#handle.read(buffer, 0, buffer.length, position).then(({ bytesRead }) => bytesRead);
    read.catch(failureSeenByTheLoop); // until the loop gets there, nobody else listens
    return read;
  }
}

function failureSeenByTheLoop(): void {
  // The loop awaits the same promise, or has been left and does not care.
}
