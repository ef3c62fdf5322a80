import { Command } from 'commander';
import { declareRunFlags, type RunFlags } from './run-flags.ts';

/** `tidemark run`: a pipeline on this machine, without a broker. `exitWith` is told the code to exit with. */
export function runCommand(exitWith: (code: number) => void): Command {
  return declareRunFlags(
    new Command('run')
      .summary('compute averages on this machine, without a broker')
      .description(
        'Computes moving averages on this machine: trades from a file, standard input, a socket or a made-up market; ' +
          'averages to a table, a file or standard output. Options override the pipeline file.',
      )
      .argument('[pipeline]', 'a pipeline file, kind: MovingAverage'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: RunFlags) => {
      // Loaded only when it runs: inputs and outputs cost every other command its quick start.
      const { runLocally } = await import('./run.ts');
      exitWith(await runLocally(file, flags));
    });
}

const EXAMPLES = `
Examples:
  tidemark run                                                  a made-up market, as a live table
  tidemark run --input trades.csv --window 3s --slide 1s --delay 5s --output averages.csv
  tidemark run --input trades.csv.gz --window 1m --window 5m --measures average,volume,vwap
  tidemark run --input feed.csv --follow --idle-after 10s       a file that grows
  tidemark run --input tcp://localhost:9999 --trades 20 --every 1
  tidemark run --input - --time-field date --time-unit iso < trades.csv
  tidemark run pipeline.yaml --dead-letters bad.jsonl --late late.jsonl

Without options a window is 3 s long, begins every 1 s and waits 5 s for trades that are out of order.
A CSV header is noticed; without one the columns are symbol, side, price, quantity, time in ms.`;
