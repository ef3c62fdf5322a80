import { Command } from 'commander';
import { EXIT } from '../pipeline/error.ts';
import { withKafkaFlags, type KafkaFlags } from './kafka-flags.ts';

/** `tidemark evict`: takes a dead aggregator's partitions away at once. */
export function evictCommand(exitWith: (code: number) => void): Command {
  return withKafkaFlags(new Command('evict'))
    .summary('remove a dead aggregator from its group at once')
    .description(
      'Removes a dead aggregator from its consumer group, so that its partitions move at once and not after the ' +
        'session time-out of 6 s. A living one joins again, and its partitions move twice.',
    )
    .argument('<pipeline>', "the pipeline's name, as in metadata.name")
    .argument('<instance>', "the aggregator's TIDEMARK_INSTANCE: its pod's name")
    .option('--json', 'the removed members as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string, instance: string, flags: KafkaFlags & { json?: true }) => {
      const { evict } = await import('./evict.ts');
      const members = await evict(flags, pipeline, instance);
      const text =
        members.length === 0 ? `${instance} is no member of ${pipeline}` : `removed ${members.join(', ')}`;
      process.stdout.write(flags.json === true ? `${JSON.stringify({ removed: members })}\n` : `${text}\n`);
      exitWith(EXIT.ok);
    });
}

const EXAMPLES = `
Examples:
  tidemark evict stocks stocks-7d4b9c-x2x4q --brokers kafka:9092
  tidemark evict stocks stocks-7d4b9c-x2x4q --pipeline stocks.yaml
  TIDEMARK_KAFKA_BROKERS=kafka:9092 tidemark evict stocks pod-3 --json`;
