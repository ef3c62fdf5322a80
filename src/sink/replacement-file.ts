import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BufferedFile } from './buffered-file.ts';
import { writeFailed } from './output-error.ts';
import type { TextFile } from './text-file.ts';

/** Opens what takes the place of `target`, with the mode of `earlier`, the file that is there; `name` is for messages. */
export async function openReplacement(target: string, name: string, earlier?: Stats): Promise<TextFile> {
  const temporary = join(dirname(target), `.tidemark-${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx');
  if (earlier !== undefined) await keepMode(handle, earlier, temporary);
  return new ReplacementFile(new BufferedFile(handle, name), temporary, target);
}

async function keepMode(handle: FileHandle, earlier: Stats, temporary: string): Promise<void> {
  try {
    await handle.chmod(earlier.mode & 0o7777);
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Written beside its target and put in its place at the end: a rename within a folder is atomic. */
class ReplacementFile implements TextFile {
  readonly #file: BufferedFile;
  readonly #temporary: string;
  readonly #target: string;
  #isOpen = true;

  constructor(file: BufferedFile, temporary: string, target: string) {
    this.#file = file;
    this.#temporary = temporary;
    this.#target = target;
  }

  write(text: string | Uint8Array): Promise<void> {
    return this.#file.write(text);
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  async finish(): Promise<void> {
    try {
      await this.#file.flush();
      await this.#file.sync();
      await this.#close();
      await rename(this.#temporary, this.#target).catch((error: unknown) => {
        throw writeFailed(this.#target, error);
      });
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  async abandon(): Promise<void> {
    await this.#close();
    await rm(this.#temporary, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}
