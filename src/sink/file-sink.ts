import { stat } from 'node:fs/promises';
import type { ResultSink, SymbolNames } from '../pipeline/sink.ts';
import type { ResultColumns } from '../window/results.ts';
import { ResultText, type ResultTextOptions } from './result-text.ts';
import { openTextFile, type TextFile } from './text-file.ts';

export interface FileSinkOptions extends ResultTextOptions {
  /**
   * True, if not given: the results take the place of an earlier file when the run is over. False: they are appended
   * as they come, for runs without an end and for those who watch the file.
   */
  readonly atomic?: boolean;
}

/** Results into the file `path`. Throws OUTPUT_UNWRITABLE, here and not at the first result. */
export async function openFileSink(path: string, options: FileSinkOptions): Promise<ResultSink> {
  const { atomic = true } = options;
  const file = await openTextFile(path, { atomic });
  const text = new ResultText(options);
  const goesOn = !atomic && (await hasText(path));
  return new FileSink(file, text, goesOn ? '' : text.header, !atomic);
}

async function hasText(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && status.size > 0;
}

class FileSink implements ResultSink {
  readonly #file: TextFile;
  readonly #text: ResultText;
  readonly #isWatched: boolean;
  /** Still to be written. */
  #header: string;

  constructor(file: TextFile, text: ResultText, header: string, isWatched: boolean) {
    this.#file = file;
    this.#text = text;
    this.#header = header;
    this.#isWatched = isWatched;
  }

  async write(results: ResultColumns, symbols: SymbolNames): Promise<void> {
    await this.#writeHeader();
    for (let row = 0; row < results.length;) {
      row = this.#text.fill(results, row, symbols);
      await this.#file.write(this.#text.bytes);
    }
    if (this.#isWatched) await this.#file.flush();
  }

  /** An output without results is a header alone. */
  async finish(): Promise<void> {
    try {
      await this.#writeHeader();
    } catch (error) {
      await this.abandon();
      throw error;
    }
    await this.#file.finish();
  }

  abandon(): Promise<void> {
    return this.#file.abandon();
  }

  async #writeHeader(): Promise<void> {
    if (this.#header === '') return;
    await this.#file.write(this.#header);
    this.#header = '';
  }
}
