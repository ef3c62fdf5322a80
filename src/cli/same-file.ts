import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Destination, Pipeline } from '../resource/pipeline.ts';

/**
 * Refuses to write into the file that is read, or results and rejected records into one: under another name too, as
 * `./trades.csv` or through a link, which the pipeline file does not tell.
 */
export async function refuseSameFile({ input, output, late, deadLetters }: Pipeline): Promise<void> {
  const source = input.source?.kind === 'file' ? input.source.path : undefined;
  const results = pathOf(output.destination);
  const rejected = [pathOf(late), pathOf(deadLetters)];
  for (const path of [results, ...rejected]) await refuse(path, source, 'the input');
  for (const path of rejected) await refuse(path, results, 'the output of the averages');
}

async function refuse(path: string | undefined, other: string | undefined, is: string): Promise<void> {
  if (path === undefined || other === undefined) return;
  const identity = await identityOf(path);
  if (identity === undefined || identity !== (await identityOf(other))) return;
  throw new TidemarkError(
    'OUTPUT_TAKEN',
    `${path} cannot be written: it is ${is}${path === other ? '' : `, ${other}`}.`,
    'Name another file.',
    { exitCode: EXIT.usage },
  );
}

function pathOf(destination: Destination | undefined): string | undefined {
  return destination?.kind === 'file' && destination.path !== '-' ? destination.path : undefined;
}

/** Equal for two names of one file; undefined for standard input, pipes and devices, which many may share. */
async function identityOf(path: string): Promise<string | undefined> {
  if (path === '-') return undefined;
  const status = await stat(path).catch(() => 'not there' as const);
  if (status === 'not there') return resolve(path);
  return status.isFile() ? `${status.dev}:${status.ino}` : undefined;
}
