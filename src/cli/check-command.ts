import { Command } from 'commander';
import { EXIT } from '../pipeline/error.ts';

/** `tidemark check`: whether all that a pipeline names is there, answers and permits. */
export function checkCommand(exitWith: (code: number) => void): Command {
  return new Command('check')
    .summary('look whether all that a pipeline names exists, answers and permits')
    .description(
      'Looks whether the Secrets, brokers, topics, rights, the schema registry and the Redis that a pipeline names are there ' +
        'and answer, and says what to do where they do not. Nothing is changed, but for one key in Redis that vanishes at once ' +
        'and a transactional id of its own in Kafka.',
    )
    .argument('<file>', 'the pipeline file')
    .option('--json', 'the findings as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: { json?: true }) => {
      const { check } = await import('./check.ts');
      const { text, isSound } = await check(file, flags.json === true);
      process.stdout.write(text);
      exitWith(isSound ? EXIT.ok : EXIT.failed);
    });
}

const EXAMPLES = `
Examples:
  tidemark check examples/stocks.yaml
  TIDEMARK_KAFKA_BROKERS=kafka:9092 TIDEMARK_SECRETS=./secrets tidemark check stocks.yaml
  tidemark check stocks.yaml --json

Exit codes: 0 all is well, 1 something is not, 2 the pipeline file is wrong.`;
