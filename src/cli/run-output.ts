import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { deadLetterLine, lateTradeLine, type DeadLetter, type LateTrade } from '../pipeline/reject-output.ts';
import type { ResultSink } from '../pipeline/sink.ts';
import { formatDuration } from '../resource/duration.ts';
import type { Destination, Pipeline } from '../resource/pipeline.ts';
import { openFileSink } from '../sink/file-sink.ts';
import { stdoutSink } from '../sink/stdout-sink.ts';
import { openTextFile, type TextFile } from '../sink/text-file.ts';
import type { RunFlags } from './run-flags.ts';
import { refuseSameFile } from './same-file.ts';

/** Everything that a run writes to, opened before anything is read. */
export interface Outputs {
  readonly sink: ResultSink;
  /** Whether a table is on the terminal, which other lines would disturb. */
  readonly isLive: boolean;
  /** Aborts when nobody reads the output any more. */
  readonly closed: AbortSignal;
  readonly keepsLate: boolean;
  readonly keepsDeadLetters: boolean;
  readonly onLateTrade: (trade: LateTrade) => Promise<void> | void;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void> | void;
  /** Something that a person should know, while the run goes on. */
  notice(message: string): void;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

export async function openOutputs(
  pipeline: Pipeline,
  flags: RunFlags,
  status: () => string,
): Promise<Outputs> {
  await refuseSameFile(pipeline);
  const late = await rejectFile(pipeline.late);
  const deadLetters = await rejectFile(pipeline.deadLetters);
  const results = await openResults(pipeline, flags, status);
  const notice = (message: string): void => {
    if (flags.quiet !== true && !results.print(message)) process.stderr.write(`${message}\n`);
  };
  let shown = 0;
  return {
    sink: results.sink,
    isLive: results.isLive,
    closed: results.closed,
    keepsLate: late !== undefined,
    keepsDeadLetters: deadLetters !== undefined,
    notice,
    onLateTrade: (trade) => late?.write(`${lateTradeLine(trade)}\n`),
    onDeadLetter: (letter) => {
      if (deadLetters !== undefined) return deadLetters.write(`${deadLetterLine(letter)}\n`);
      if (shown++ < MOST_SHOWN) notice(`${letter.source}:${letter.line}:${letter.column}: ${letter.reason}`);
    },
    finish: () => endAll([results.sink, late, deadLetters], 'finish'),
    abandon: () => endAll([results.sink, late, deadLetters], 'abandon'),
  };
}

/** Without a file for dead letters the first ones are shown, so that a wrong option is noticed at once. */
const MOST_SHOWN = 3;

interface Results {
  readonly sink: ResultSink;
  readonly isLive: boolean;
  readonly closed: AbortSignal;
  print(message: string): boolean;
}

async function openResults(pipeline: Pipeline, flags: RunFlags, status: () => string): Promise<Results> {
  const { measures } = pipeline.output;
  const destination = pipeline.output.destination;
  const path = destination?.kind === 'file' ? destination.path : flags.json === true ? '-' : undefined;
  const never = new AbortController().signal;
  const print = (): boolean => false;
  if (path === undefined) {
    // Loaded only where it is shown: tables and their widths cost a quarter of the start-up.
    const { consoleSink } = await import('../sink/console-sink.ts');
    const windows = pipeline.windows.map(windowName);
    const sink = consoleSink(process.stdout, { measures, windows, status });
    const isLive = process.stdout.isTTY;
    return { sink, isLive, closed: sink.closed, print: (message) => sink.print(message) };
  }
  const format =
    pipeline.output.format ?? (flags.json === true || /\.(jsonl?|ndjson)$/i.test(path) ? 'json' : 'csv');
  const options = { measures, format, withFinal: pipeline.emit === 'update' };
  if (path !== '-') return { sink: await openFileSink(path, options), isLive: false, closed: never, print };
  const sink = stdoutSink(process.stdout, options);
  return { sink, isLive: false, closed: sink.closed, print };
}

function windowName(window: Pipeline['windows'][number]): string {
  return window.kind === 'time' ? formatDuration(window.sizeMs) : `${window.trades} trades`;
}

/** Topics are for the pipeline on a cluster; on one machine such records are counted. */
async function rejectFile(destination: Destination | undefined): Promise<TextFile | undefined> {
  if (destination?.kind !== 'file') return undefined;
  if (destination.path !== '-') return openTextFile(destination.path, { atomic: false });
  throw new TidemarkError(
    'OUTPUT_UNWRITABLE',
    'late trades and dead letters do not go to standard output, where the averages may be',
    'Name a file, such as --dead-letters dead-letters.jsonl.',
    { exitCode: EXIT.usage },
  );
}

/** Ends every output even if one fails; then the first failure counts. */
async function endAll(
  outputs: readonly (ResultSink | TextFile | undefined)[],
  how: 'finish' | 'abandon',
): Promise<void> {
  const ended = await Promise.allSettled(outputs.map(async (output) => output?.[how]()));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
