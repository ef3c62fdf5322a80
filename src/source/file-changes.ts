import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Bell } from './bell.ts';

/**
 * Tells when a file may have changed, been replaced or appeared. The system's notices come from its folder, for a
 * file that is replaced is another file; network drives and containers lose notices, so that a look every `pollMs`
 * is the safety net.
 */
export class FileChanges {
  readonly #path: string;
  readonly #pollMs: number;
  readonly #bell = new Bell();
  #watcher: FSWatcher | undefined;

  constructor(path: string, pollMs: number) {
    this.#path = path;
    this.#pollMs = pollMs;
    this.#watch();
  }

  /** Settles at a change since the last wait, after `pollMs`, or at the abort. */
  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#watch();
    const poll = setTimeout(this.#bell.ring, this.#pollMs);
    signal.addEventListener('abort', this.#bell.ring, { once: true });
    try {
      await this.#bell.wait();
    } finally {
      clearTimeout(poll);
      signal.removeEventListener('abort', this.#bell.ring);
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** A folder that is missing or cannot be watched is tried again at the next wait. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const name = basename(this.#path);
    try {
      const watcher = watch(dirname(this.#path), (_event, changed) => {
        if (changed === null || changed === name) this.#bell.ring();
      });
      watcher.on('error', () => {
        this.close();
      });
      this.#watcher = watcher;
    } catch {
      // The poll goes on alone.
    }
  }
}
