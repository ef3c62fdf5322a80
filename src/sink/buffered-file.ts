import type { FileHandle } from 'node:fs/promises';
import { writeFailed } from './output-error.ts';

const BUFFER_BYTES = 1 << 16;

/** UTF-8 text to an open file by way of a buffer. Owns the handle from its construction to `close`. */
export class BufferedFile {
  readonly #handle: FileHandle;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #length = 0;

  constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  /** Takes `text` as it is now. Throws OUTPUT_DISK_FULL, OUTPUT_CLOSED or OUTPUT_FAILED, as `flush` does. */
  async write(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (this.#length + bytes.length > BUFFER_BYTES) await this.flush();
    if (bytes.length > BUFFER_BYTES) {
      await this.#writeAll(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Hands everything to the system. */
  async flush(): Promise<void> {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) await this.#writeAll(this.#buffer.subarray(0, length));
  }

  /** Has the system put everything on the disk. */
  async sync(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (error) {
      throw writeFailed(this.#name, error);
    }
  }

  /** Flushes nothing: what is still buffered is dropped. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
      }
    } catch (error) {
      throw writeFailed(this.#name, error);
    }
  }
}
