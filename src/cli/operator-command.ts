import { Command, Option } from 'commander';
import { namespaceNames } from './flag-values.ts';

export interface OperatorFlags {
  /** None: all. */
  readonly namespace?: readonly string[];
  readonly image?: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly leaderElectionNamespace?: string;
  readonly logLevel: string;
}

/** `tidemark operator`: runs the pipelines of a Kubernetes cluster. Ends with SIGTERM, after giving up the lease. */
export function operatorCommand(exitWith: (code: number) => void): Command {
  return new Command('operator')
    .summary('run the MovingAverage resources of a Kubernetes cluster')
    .description(
      'Makes of every MovingAverage in the cluster its topics, its aggregators and what goes with them, and keeps them ' +
        'so. Several operators may run: one leads, the others wait.',
    )
    .addOption(
      new Option(
        '-n, --namespace <names>',
        'only the resources of these namespaces, as a,b; else those of all',
      )
        .argParser(namespaceNames)
        .env('TIDEMARK_NAMESPACE'),
    )
    .addOption(new Option('--image <image>', 'the image of the aggregators').env('TIDEMARK_IMAGE'))
    .addOption(
      new Option('--image-pull-policy <policy>', 'when nodes fetch it')
        .choices(['Always', 'IfNotPresent', 'Never'])
        .default('IfNotPresent')
        .env('TIDEMARK_IMAGE_PULL_POLICY'),
    )
    .addOption(
      new Option(
        '--leader-election-namespace <name>',
        "where the lease is; else the operator's own namespace",
      ).env('TIDEMARK_LEADER_ELECTION_NAMESPACE'),
    )
    .addOption(
      new Option('--log-level <level>', 'how much is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info')
        .env('TIDEMARK_LOG_LEVEL'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: OperatorFlags) => {
      const { operate } = await import('./operator.ts');
      exitWith(await operate(flags));
    });
}

const EXAMPLES = `
Examples:
  tidemark operator --image registry.example/tidemark:1.0         all namespaces, as in its pod
  KUBECONFIG=~/.kube/config tidemark operator --namespace trading,research --image registry.example/tidemark:1.0
  kubectl get lease tidemark-operator -o yaml                     who leads

Inside a pod it is known by its service account, elsewhere as kubectl is: by KUBECONFIG.
The environment also says TIDEMARK_HTTP_PORT (health and metrics, 8080), TIDEMARK_INSTANCE (the pod's name),
TIDEMARK_AGGREGATORS (JSON: resources and more of all aggregators, as the values of the chart have them),
TIDEMARK_IMAGE_PULL_SECRETS (JSON, [{"name":"registry"}]: to fetch the image with, in the pipelines' namespaces), and
TIDEMARK_EXTERNAL_METRICS (true: it serves external.metrics.k8s.io at TIDEMARK_EXTERNAL_METRICS_PORT, 6443).
Ends with SIGTERM: it gives up the lease, and another leads at once.`;
