import { Command } from 'commander';
import { EXIT } from '../pipeline/error.ts';

export interface StatusFlags {
  readonly namespace?: string;
  readonly brokers?: string;
  readonly json?: true;
}

/** `tidemark status`: how a pipeline of a Kubernetes cluster is. */
export function statusCommand(exitWith: (code: number) => void): Command {
  return new Command('status')
    .summary('show how a pipeline on a Kubernetes cluster is')
    .description(
      'Shows how a MovingAverage is: its conditions, pods and scaling from the API server, and where its Kafka can be ' +
        'reached from here the partitions, with the pod that has each, its lag and its watermark. Nothing is changed.',
    )
    .argument('<name>', "the pipeline's name, as in metadata.name")
    .option('-n, --namespace <name>', "its namespace; else that of the kubeconfig's context")
    .option('--brokers <list>', 'where its Kafka is from here, such as a forwarded port')
    .option('--json', 'as JSON; times in ms since 1970')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: StatusFlags) => {
      const { status } = await import('./status.ts');
      process.stdout.write(await status(name, flags));
      exitWith(EXIT.ok);
    });
}

const EXAMPLES = `
Examples:
  tidemark status stocks --namespace trading
  kubectl tidemark status stocks -n trading           the same, with kubectl-tidemark on the PATH
  tidemark status stocks --brokers localhost:9092     through kubectl port-forward
  tidemark status stocks --json | jq '.partitions[] | select(.lag > 0)'
  watch tidemark status stocks

The cluster is that of KUBECONFIG or ~/.kube/config. It takes the right to get movingaverages and list pods, and for
partitions to get the Secrets of the Kafka login.
Exit codes: 0 shown, whatever it says; 1 there is no such pipeline or no answer, 2 wrong command line.`;
