import { Command, InvalidArgumentError, Option } from 'commander';
import { PRESETS, type Preset } from '../feed/preset-feed.ts';
import { aboveZero, durationMs, shareOf, wholeNumberFrom } from './flag-values.ts';
import { withTopicFlags, type TopicFlags } from './named-topic.ts';

export interface GenerateFlags extends TopicFlags {
  readonly rate?: number;
  readonly symbols?: number;
  readonly disorder?: number;
  readonly lateShare?: number;
  readonly preset?: Preset;
  readonly replay?: string;
  /** Infinity: as fast as Kafka takes it. */
  readonly speed?: number;
  readonly duplicates?: number;
  readonly seed?: number;
  readonly count?: number;
  readonly duration?: number;
  readonly format?: 'csv' | 'json';
  readonly json?: true;
}

/** `tidemark generate`: trades for a topic, made up or from a recording. */
export function generateCommand(exitWith: (code: number) => void): Command {
  const market = ['rate', 'symbols', 'disorder', 'lateShare'];
  return withTopicFlags(new Command('generate'), "the topic to write to; else the pipeline's input")
    .summary('write made-up or recorded trades into a topic')
    .description(
      'Writes trades into a Kafka topic, keyed by symbol as aggregators need them: those of a made-up market, of a ' +
        'recording, or of a preset. Without --count and --duration it goes on until Ctrl-C.',
    )
    .optionsGroup('A made-up market:')
    .option('--rate <n>', 'trades a second; 1000 if left out', aboveZero)
    .option('--symbols <n>', 'how many symbols; 20 if left out', symbolCount)
    .option('--disorder <duration>', 'how far out of order they come; 0s if left out', durationMs)
    .option('--late-share <share>', 'the share that comes 5 to 60 s later than that, such as 0.01', shareOf)
    .optionsGroup('Or:')
    .addOption(
      new Option('--preset <name>', 'random: one a second. late: five, the last too late for its window')
        .choices(PRESETS)
        .conflicts(market),
    )
    .addOption(
      new Option(
        '--replay <file>',
        'a recording, its lines as they are; gzip and zstd are noticed',
      ).conflicts([...market, 'preset', 'seed']),
    )
    .addOption(new Option('--speed <n>', 'how many times as fast as it happened; or max').argParser(speed))
    .optionsGroup('All of them:')
    .option('--duplicates <share>', 'the share that comes a second time, such as 0.01', shareOf)
    .option('--count <n>', 'end after so many trades', wholeNumberFrom(1))
    .option('--duration <duration>', 'end after so long', durationMs)
    .option(
      '--seed <n>',
      'the same seed makes the same prices in the same order; 1 if left out',
      wholeNumberFrom(0),
    )
    .addOption(
      new Option('--format <csv|json>', 'how they are written; else as the pipeline says, else csv').choices([
        'csv',
        'json',
      ]),
    )
    .option('--json', 'the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: GenerateFlags) => {
      const { generate } = await import('./generate.ts');
      exitWith(await generate(file, flags));
    });
}

function symbolCount(text: string): number {
  const count = wholeNumberFrom(1)(text);
  if (count <= MOST_SYMBOLS) return count;
  throw new InvalidArgumentError('At most 1000000 symbols are possible.');
}

const MOST_SYMBOLS = 1_000_000;

function speed(text: string): number {
  return text === 'max' ? Infinity : aboveZero(text);
}

const EXAMPLES = `
Examples:
  tidemark generate examples/stocks.yaml --rate 50000 --symbols 500
  tidemark generate --brokers localhost:9092 --topic stocks --rate 5000 --disorder 2s --late-share 0.01
  tidemark generate stocks.yaml --replay trades.csv.gz --speed 10
  tidemark generate stocks.yaml --preset late
  tidemark generate stocks.yaml --count 1000000 --duplicates 0.01 --json

The presets are the predecessor's producers. TIDEMARK_KAFKA_BROKERS says where Kafka is too.
Exit codes: 0 done, or Ctrl-C without a set end; 1 Kafka failed, 2 wrong command line or pipeline file,
3 the recording cannot be read, 130 Ctrl-C before the end.`;
