import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../pipeline/error.ts';
import { durationMs, wholeNumberFrom } from './flag-values.ts';
import { withKafkaFlags, type KafkaFlags } from './kafka-flags.ts';

export interface TopicsFlags extends KafkaFlags {
  readonly json?: true;
}

export interface CreateFlags extends TopicsFlags {
  readonly partitions?: number;
  readonly replication?: number;
  readonly retention?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** `tidemark topics`: the topics of a cluster. */
export function topicsCommand(exitWith: (code: number) => void): Command {
  const run = async (work: (topics: typeof import('./topics.ts')) => Promise<string>): Promise<void> => {
    process.stdout.write(await work(await import('./topics.ts')));
    exitWith(EXIT.ok);
  };
  return new Command('topics')
    .summary('create, list, describe and delete topics in Kafka')
    .description('Creates, lists, describes and deletes topics in Kafka.')
    .addCommand(
      withKafkaFlags(new Command('create'))
        .summary('create topics that do not exist')
        .description(
          'Creates topics; one that exists stays as it is. Without names those of the pipeline file are meant, with ' +
            'as many partitions as its input.partitions says.',
        )
        .argument('[topics...]')
        .option('--partitions <number>', "how many; else the cluster's default", wholeNumberFrom(1))
        .option(
          '--replication <number>',
          "on how many brokers; else the cluster's default",
          wholeNumberFrom(1),
        )
        .option('--retention <duration>', 'how long records are kept, such as 36h or 7d', durationMs)
        .option('--config <name=value>', "one of Kafka's own settings; may be repeated", setting)
        .option('--json', 'what was created as JSON')
        .addHelpText('after', helpOf(CREATE))
        .action((topics: string[], flags: CreateFlags) => run((to) => to.create(topics, flags))),
    )
    .addCommand(
      withKafkaFlags(new Command('list'))
        .summary('list topics')
        .option('--all', "Kafka's own topics too")
        .option('--json', 'as JSON')
        .addHelpText('after', helpOf(LIST))
        .action((flags: TopicsFlags & { all?: true }) => run((to) => to.list(flags))),
    )
    .addCommand(
      withKafkaFlags(new Command('describe'))
        .summary('partitions, replicas, settings, and the lag of groups')
        .argument('<topic>')
        .option('--json', 'as JSON')
        .addHelpText('after', helpOf(DESCRIBE))
        .action((topic: string, flags: TopicsFlags) => run((to) => to.describe(topic, flags))),
    )
    .addCommand(
      withKafkaFlags(new Command('delete'))
        .summary('delete topics with all their records')
        .description('Deletes topics with all their records, after asking.')
        .argument('<topics...>')
        .option('-y, --yes', 'without asking')
        .option('--json', 'what was deleted as JSON')
        .addHelpText('after', helpOf(DELETE))
        .action((topics: string[], flags: TopicsFlags & { yes?: true }) =>
          run((to) => to.remove(topics, flags)),
        ),
    )
    .addHelpText('after', helpOf(CREATE, LIST, DESCRIBE, DELETE));
}

function setting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('Expected name=value such as cleanup.policy=compact.');
}

const CREATE = `
  tidemark topics create stocks stocks_averages --partitions 12 --retention 7d --brokers kafka:9092
  tidemark topics create --pipeline examples/stocks.yaml`;
const LIST = `
  tidemark topics list --brokers kafka:9092`;
const DESCRIBE = `
  tidemark topics describe stocks --pipeline stocks.yaml --json`;
const DELETE = `
  tidemark topics delete stocks_late --yes --brokers kafka:9092`;

const BROKERS = `

TIDEMARK_KAFKA_BROKERS says where Kafka is too.
Exit codes: 0 done, 1 Kafka failed or refused, 2 wrong command line or pipeline file.`;

function helpOf(...examples: readonly string[]): string {
  return `\nExamples:${examples.join('')}${BROKERS}`;
}
