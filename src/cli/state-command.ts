import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../pipeline/error.ts';

interface StateFlags {
  readonly redis?: string;
  readonly partition?: number;
  readonly json?: true;
}

/** `tidemark state`: what a pipeline's checkpoints in Redis hold. */
export function stateCommand(exitWith: (code: number) => void): Command {
  return new Command('state')
    .summary('show what is kept in Redis of a pipeline or a symbol')
    .description(
      "Shows a pipeline's checkpoints in Redis: its partitions with offset, watermark and size, or the open panes of " +
        'one symbol. It is the state as of the last checkpoint, about a second ago. Nothing is changed.',
    )
    .argument('<pipeline>', "the pipeline's name, as in metadata.name")
    .argument('[symbol]', 'show the open panes and last trades of this symbol')
    .option('--redis <url>', 'redis://host:port/database, or rediss:// for TLS; also TIDEMARK_REDIS_URL')
    .option('--partition <n>', 'this partition alone', partitionNumber)
    .option('--json', 'as JSON; times in ms since 1970')
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string, symbol: string | undefined, flags: StateFlags) => {
      // Loaded only when it runs: the Redis client costs every other command its quick start.
      const { showState } = await import('./state.ts');
      const { partition, json } = flags;
      // Not commander's default, which --help would print with the password inside.
      const redis = flags.redis ?? process.env.TIDEMARK_REDIS_URL;
      process.stdout.write(await showState({ pipeline, symbol, redis, partition, json: json === true }));
      exitWith(EXIT.ok);
    });
}

function partitionNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('A number from 0 is expected, such as 3.');
  return Number(value);
}

const EXAMPLES = `
Examples:
  tidemark state stocks --redis redis://localhost:6379
  TIDEMARK_REDIS_URL=redis://redis:6379 tidemark state stocks AMC
  tidemark state stocks AMC --partition 3 --json

A login is given in TIDEMARK_REDIS_USERNAME and TIDEMARK_REDIS_PASSWORD, or in the URL, where other users of the machine
may see it.
Exit codes: 0 done, 1 Redis cannot be reached or has no such pipeline, partition or symbol, 2 wrong command line.`;
