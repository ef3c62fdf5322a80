import { Command } from 'commander';
import { EXIT } from '../pipeline/error.ts';

interface AclsFlags {
  readonly json?: true;
  readonly strimzi?: true;
  readonly cluster?: string;
}

/** `tidemark acls`: the least rights that a pipeline needs in Kafka. */
export function aclsCommand(exitWith: (code: number) => void): Command {
  return new Command('acls')
    .summary('print the least rights in Kafka that a pipeline needs')
    .description(
      "Prints the least rights that a pipeline's user needs in Kafka: its topics, its consumer group and its " +
        'transactional ids. Nothing is asked of a cluster; tidemark check looks whether they are granted.',
    )
    .argument('<file>', 'the pipeline file')
    .option('--json', 'as JSON')
    .option('--strimzi', 'as a KafkaUser of Strimzi, to apply as it is')
    .option('--cluster <name>', "the Strimzi cluster's name, if the file does not name it")
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: AclsFlags) => {
      const { acls } = await import('./acls.ts');
      process.stdout.write(await acls(file, flags));
      exitWith(EXIT.ok);
    });
}

const EXAMPLES = `
Examples:
  tidemark acls examples/stocks.yaml
  tidemark acls examples/stocks.yaml --strimzi | kubectl apply -f -
  tidemark acls examples/stocks.yaml --json`;
