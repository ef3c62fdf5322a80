import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { ByteSource } from '../pipeline/source.ts';
import type { Demo, Pipeline } from '../resource/pipeline.ts';
import { demoSource } from '../source/demo-source.ts';
import { fileSource } from '../source/file-source.ts';
import { socketSource, type SocketState } from '../source/socket-source.ts';
import type { CodecOptions } from '../trade/codec.ts';
import type { RunFlags } from './run-flags.ts';

/** Where the trades come from; `notice` is told what a person should know on the way. */
export function sourceOf(pipeline: Pipeline, flags: RunFlags, notice: (message: string) => void): ByteSource {
  const { source } = pipeline.input;
  if (flags.limit !== undefined && source?.kind !== 'demo') {
    throw unused(
      '--limit',
      'ends made-up trades',
      'For a file: head -n 1000 trades.csv | tidemark run --input -',
    );
  }
  if (flags.follow === true && source?.kind !== 'file') {
    throw unused('--follow', 'waits at the end of a file', 'Sockets and made-up trades go on by themselves.');
  }
  switch (source?.kind) {
    case 'file':
      return fileSource(source.path, { follow: flags.follow === true });
    case 'socket': {
      const address = `tcp://${source.host.includes(':') ? `[${source.host}]` : source.host}:${source.port}`;
      return socketSource(address, {
        onState: (state) => {
          noticeState(address, state, notice);
        },
      });
    }
    case 'demo':
      return demoSource({
        ...demoOptions(source, pipeline),
        ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      });
    case 'topic':
      throw noLocalInput(
        `the pipeline reads the Kafka topic ${source.topic}, and tidemark run needs no broker`,
      );
    case undefined:
      throw noLocalInput('the pipeline names no input');
  }
}

/** How the source's trades are written. */
export function codecOptions({ input, output }: Pipeline): CodecOptions {
  const withQuantity = output.measures.includes('volume') || output.measures.includes('vwap');
  const { header, delimiter, fields, timeUnit, priceDecimals, quantityDecimals } = input;
  const { priceScale, quantityScale } = input;
  const decimals = { priceDecimals, quantityDecimals, priceScale, quantityScale, withQuantity };
  if (input.source?.kind === 'demo') {
    return { format: 'csv', fields: {}, delimiter: ',', header: 'absent', timeUnit: 'ms', ...decimals };
  }
  return { format: input.format, fields, delimiter, header, timeUnit, ...decimals };
}

/** Enough of the past comes first for the longest window to close at once. */
function demoOptions(demo: Demo, { windows, delayMs }: Pipeline): Parameters<typeof demoSource>[0] {
  const longestMs = Math.max(
    0,
    ...windows.map((window) => (window.kind === 'time' ? window.sizeMs + window.slideMs : 0)),
  );
  return {
    symbols: demo.symbols,
    rate: demo.tradesPerSecond,
    disorderMs: demo.disorderMs,
    lateShare: demo.lateShare,
    seed: demo.seed,
    backfillMs: longestMs + delayMs + SOME_WINDOWS_MS,
  };
}

/** A trend can be seen in the first table. */
const SOME_WINDOWS_MS = 8_000;

function noticeState(address: string, state: SocketState, notice: (message: string) => void): void {
  if (state.kind === 'connected') notice(`${address}: connected`);
  if (state.kind === 'waiting') {
    notice(`${address}: ${state.reason}; trying again in ${(state.delayMs / 1000).toFixed(1)} s`);
  }
}

/** An option without a meaning here is told: who gives it counts on it. */
function unused(option: string, does: string, remedy: string): TidemarkError {
  return new TidemarkError(
    'OPTION_UNUSED',
    `${option} ${does}, and the input is another.`,
    `Leave it out. ${remedy}`,
    {
      exitCode: EXIT.usage,
    },
  );
}

function noLocalInput(message: string): TidemarkError {
  const remedy =
    'Say where the trades are: --input trades.csv, --input tcp://localhost:9999, --input - or --demo.';
  return new TidemarkError('INPUT_NOT_LOCAL', message, remedy, { exitCode: EXIT.usage });
}
