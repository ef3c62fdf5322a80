import { readFile } from 'node:fs/promises';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { systemCode } from '../source/input-error.ts';

/** The text of a pipeline file. Throws a TidemarkError, PIPELINE_UNREADABLE. */
export async function readPipelineFile(file: string): Promise<string> {
  if (/\.(csv|tsv|jsonl|ndjson|gz|zst)$/i.test(file)) throw notAPipeline(file);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why =
      systemCode(error) === 'EISDIR'
        ? 'it is a folder'
        : (error as Error).message.replace(/^[A-Z]+: /, '').replace(/, \w+.*$/, '');
    const remedy =
      'Name a pipeline file, such as examples/demo.yaml, or use options alone: tidemark run --help.';
    throw new TidemarkError('PIPELINE_UNREADABLE', `cannot read the pipeline file ${file}: ${why}`, remedy, {
      exitCode: EXIT.usage,
      cause: error,
    });
  }
}

/** The likeliest slip: trades where the pipeline belongs, or a second file after --input. */
function notAPipeline(file: string): TidemarkError {
  const remedy = `Write --input ${file}; several files can be piped in: cat *.csv | tidemark run --input -`;
  const message = `${file} holds trades, by its name; a pipeline file in YAML is expected in its place.`;
  return new TidemarkError('PIPELINE_UNREADABLE', message, remedy, { exitCode: EXIT.usage });
}
