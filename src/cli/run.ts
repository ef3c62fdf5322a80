import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { LocalRun } from '../pipeline/local-run.ts';
import type { ByteSource } from '../pipeline/source.ts';
import { parsePipelineFile, pipelineOf } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { progressLine } from '../sink/progress-line.ts';
import { tradeCodec } from '../trade/codec.ts';
import { SymbolTable } from '../trade/symbol-table.ts';
import { WindowOperator } from '../window/window-operator.ts';
import { onInterrupt } from './interrupt.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { overridesOf, type RunFlags } from './run-flags.ts';
import { codecOptions, sourceOf } from './run-input.ts';
import { openOutputs, type Outputs } from './run-output.ts';
import { summaryJson, summaryText } from './summary.ts';

/** Runs what the file and the options say, to its end; returns the code to exit with. */
export async function runLocally(file: string | undefined, flags: RunFlags): Promise<number> {
  return run(await pipelineFrom(file, flags), flags);
}

async function pipelineFrom(file: string | undefined, flags: RunFlags): Promise<Pipeline> {
  const overrides = overridesOf(flags);
  return file === undefined
    ? pipelineOf(overrides)
    : parsePipelineFile(await readPipelineFile(file), { fileName: file, overrides });
}

async function run(pipeline: Pipeline, flags: RunFlags): Promise<number> {
  const startedMs = performance.now();
  const interrupt = onInterrupt();
  // A status line is asked for before the run exists.
  const live: { run?: LocalRun } = {};
  const source = sourceOf(pipeline, flags, (message) => {
    outputs.notice(message);
  });
  const rate = new RecentRate();
  const outputs = await openOutputs(pipeline, flags, () => statusOf(source, live.run, rate));
  const run = (live.run = localRun(pipeline, source, outputs));
  const progress =
    outputs.isLive || flags.quiet === true
      ? undefined
      : progressLine(process.stderr, () => ({
          bytes: source.progressBytes,
          totalBytes: source.totalBytes,
          trades: run.counts.trades,
        }));
  const signal = AbortSignal.any([interrupt.signal, outputs.closed]);
  try {
    await runToTheEnd(run, outputs, signal, flags.keepOpen !== true);
  } finally {
    progress?.stop();
    interrupt.release();
  }
  const interrupted = interrupt.signal.aborted && source.bounded;
  const seconds = (performance.now() - startedMs) / 1000;
  if (flags.json === true) process.stderr.write(`${summaryJson(run.counts, seconds, interrupted)}\n`);
  else if (flags.quiet !== true)
    process.stderr.write(`${summaryText(run.counts, seconds, outputs, source.bounded)}\n`);
  return interrupted ? EXIT.interrupted : EXIT.ok;
}

async function runToTheEnd(
  run: LocalRun,
  outputs: Outputs,
  signal: AbortSignal,
  closeAll: boolean,
): Promise<void> {
  try {
    await run.consume(signal);
    if (closeAll && !signal.aborted) await run.closeAll();
  } catch (error) {
    // What the watermark had closed before the input broke off is right and stays; the windows after it are not.
    if (isBrokenOff(error)) await outputs.finish();
    else await outputs.abandon();
    throw error;
  }
  await outputs.finish();
}

function isBrokenOff(error: unknown): boolean {
  return (
    error instanceof TidemarkError && (error.code === 'INPUT_TRUNCATED' || error.code === 'INPUT_CORRUPT')
  );
}

function localRun(pipeline: Pipeline, source: ByteSource, outputs: Outputs): LocalRun {
  const { windows, delayMs, emit } = pipeline;
  const codec = codecOptions(pipeline);
  const scale = {
    ticksPerPrice: 10 ** codec.priceDecimals,
    unitsPerShare: 10 ** codec.quantityDecimals,
    withQuantity: codec.withQuantity,
  };
  const symbols = new SymbolTable();
  return new LocalRun({
    source,
    codec: tradeCodec(codec, symbols),
    operator: new WindowOperator({ windows, delayMs, emit, scale }),
    symbols,
    sink: outputs.sink,
    onDeadLetter: outputs.onDeadLetter,
    onLateTrade: outputs.onLateTrade,
    idleAfterMs: pipeline.idleAfterMs,
    nowMs: () => performance.now(),
  });
}

function statusOf(source: ByteSource, run: LocalRun | undefined, recent: RecentRate): string {
  if (run === undefined) return `${source.name}: waiting for trades`;
  const { trades, windows, late, deadLetters } = run.counts;
  const rate = recent.at(performance.now(), trades);
  const rejected =
    late + deadLetters === 0 ? '' : `, ${count(late)} late, ${count(deadLetters)} dead-lettered`;
  return `${source.name}: ${count(trades)} trades (${count(rate)}/s), ${count(windows)} windows${rejected}; Ctrl-C ends`;
}

/** Trades per second over the last two seconds or so: what a status line is looked at for. */
class RecentRate {
  #samples: { atMs: number; trades: number }[] = [];

  at(nowMs: number, trades: number): number {
    this.#samples.push({ atMs: nowMs, trades });
    while (this.#samples.length > 2 && nowMs - this.#samples[1].atMs >= 2_000) this.#samples.shift();
    const [oldest] = this.#samples;
    return nowMs === oldest.atMs ? 0 : ((trades - oldest.trades) / (nowMs - oldest.atMs)) * 1000;
  }
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
