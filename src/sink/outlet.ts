import type { Writable } from 'node:stream';
import { systemCode, writeFailed } from './output-error.ts';

/**
 * A stream that other programs read, as with `| head`. When the reader is gone, `closed` aborts and further writes go
 * nowhere, without an error: the reader had enough. The stream stays its owner's; the listener stays with it, for an
 * error that nobody listens to would end the process.
 */
export class Outlet {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #closing = new AbortController();

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', (error) => {
      if (isGone(error)) this.#closing.abort();
    });
  }

  /** Aborts when nobody reads any more. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Settles when the stream has let go of `piece`, so that a slow reader slows the writer down. */
  async write(piece: string | Uint8Array): Promise<void> {
    if (this.closed.aborted || piece.length === 0) return;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#stream.write(piece, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    } catch (error) {
      if (!isGone(error)) throw writeFailed(this.#name, error);
      this.#closing.abort();
    }
  }
}

const GONE = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

function isGone(error: unknown): boolean {
  return GONE.includes(systemCode(error));
}
