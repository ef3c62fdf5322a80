import { Command } from 'commander';
import type { StartAt } from '../kafka/start-offsets.ts';
import { wholeNumberFrom } from './flag-values.ts';
import { withTopicFlags, type TopicFlags } from './named-topic.ts';
import { parseStartAt } from './start-at.ts';

export interface TailFlags extends TopicFlags {
  readonly from?: StartAt;
  readonly partition?: number;
  readonly symbol?: string;
  readonly limit?: number;
  /** --no-follow makes it false. */
  readonly follow: boolean;
  readonly uncommitted?: true;
  readonly json?: true;
}

/** `tidemark tail`: what comes into a topic. */
export function tailCommand(exitWith: (code: number) => void): Command {
  return withTopicFlags(
    new Command('tail'),
    "a topic's name, or input, output, late or deadLetters of the pipeline; else its output",
  )
    .summary('watch a topic: results, late trades, dead letters, trades')
    .description(
      'Shows what comes into a topic: on a terminal as a live table, elsewhere or with --json as a line of JSON for ' +
        'each record. It joins no consumer group and commits nothing, so nobody else reads less for it.',
    )
    .option(
      '--from <where>',
      'beginning, end, an OFFSET of each partition, a TIME or -10m ago; end if left out',
      (text: string) => parseStartAt(text, Date.now()),
    )
    .option('--partition <n>', 'this partition alone', wholeNumberFrom(0))
    .option('--symbol <name>', 'records of this symbol alone')
    .option('--limit <n>', 'end after so many records', wholeNumberFrom(1))
    .option('--no-follow', 'end where the topic ends now')
    .option('--uncommitted', 'records of open and aborted transactions too')
    .option('--json', 'JSON lines, also on a terminal')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: TailFlags) => {
      const { tail } = await import('./tail.ts');
      exitWith(await tail(file, flags));
    });
}

const EXAMPLES = `
Examples:
  tidemark tail examples/stocks.yaml
  tidemark tail stocks.yaml --topic late --from -10m
  tidemark tail stocks.yaml --topic deadLetters --from beginning --no-follow --json
  tidemark tail --brokers localhost:9092 --topic stocks --symbol AMC --limit 20
  tidemark tail stocks.yaml --from 2026-03-01T14:30:00Z --json | jq .value.price
  tidemark tail stocks.yaml --partition 3 --from 4711 --limit 1

A time is that of writing, in UTC unless it has an offset. TIDEMARK_KAFKA_BROKERS says where Kafka is too.
Exit codes: 0 done, or Ctrl-C; 1 Kafka failed, 2 wrong command line or pipeline file.`;
