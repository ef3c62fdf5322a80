import { constants, type Stats } from 'node:fs';
import { access, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BufferedFile } from './buffered-file.ts';
import { systemCode, unwritable } from './output-error.ts';
import { openReplacement } from './replacement-file.ts';

/** UTF-8 text on its way into a file. Calls come one at a time, each awaited; a failed write is a TidemarkError. */
export interface TextFile {
  /** Takes `text` as it is now, into a buffer. */
  write(text: string | Uint8Array): Promise<void>;
  /** Lets other programs see what was written, as far as the file is in its place already. */
  flush(): Promise<void>;
  /** Everything is in its place and the file is closed. */
  finish(): Promise<void>;
  /** Closes the file and leaves nothing half-written where there was nothing. */
  abandon(): Promise<void>;
}

/**
 * Opens `path` for writing. With `atomic` the text takes the place of an earlier file in `finish`, all at once and
 * with the earlier file's mode; until then, and after `abandon`, the earlier file is as it was. Without, text is
 * appended, and a file is created with its first text only. Pipes and devices are written to directly.
 *
 * Throws OUTPUT_UNWRITABLE for a folder, a missing folder, or no permission.
 */
export async function openTextFile(path: string, { atomic }: { atomic: boolean }): Promise<TextFile> {
  try {
    const earlier = await statusOf(path);
    if (earlier?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    if (earlier?.isFile() === false) return new DirectFile(new BufferedFile(await open(path, 'w'), path));
    if (earlier === undefined) await access(dirname(path), constants.W_OK);
    else await (await open(path, 'a')).close(); // the surest way to know, and it changes nothing
    if (!atomic) return new AppendedFile(path);
    const target = earlier === undefined ? path : await realpath(path); // what a link points to is replaced
    return await openReplacement(target, path, earlier);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Opened for appending when its first text comes. What was written stays, whatever becomes of the run. */
class AppendedFile implements TextFile {
  readonly #path: string;
  #file: BufferedFile | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (text.length === 0) return;
    this.#file ??= new BufferedFile(await this.#open(), this.#path);
    await this.#file.write(text);
  }

  async flush(): Promise<void> {
    await this.#file?.flush();
  }

  async finish(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) await flushAndClose(file);
  }

  abandon(): Promise<void> {
    return this.finish();
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#path, 'a');
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }
}

/** A pipe or a device: nothing to replace, nothing to take back. */
class DirectFile implements TextFile {
  #file: BufferedFile | undefined;

  constructor(file: BufferedFile) {
    this.#file = file;
  }

  async write(text: string | Uint8Array): Promise<void> {
    await this.#file?.write(text);
  }

  async flush(): Promise<void> {
    await this.#file?.flush();
  }

  async finish(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) await flushAndClose(file);
  }

  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

async function flushAndClose(file: BufferedFile): Promise<void> {
  try {
    await file.flush();
  } finally {
    await file.close();
  }
}
