import { Command } from 'commander';

interface AggregatorFlags {
  readonly pipeline?: string;
}

/** `tidemark aggregator`: the process that a pod runs. Ends with SIGTERM, after handing over. */
export function aggregatorCommand(exitWith: (code: number) => void): Command {
  return new Command('aggregator')
    .summary('compute averages from Kafka into Kafka, exactly once')
    .description(
      'Computes moving averages from a Kafka topic into another, exactly once whatever dies. Several share the ' +
        "topic's partitions; open windows are kept in Redis, so that another can go on where one stopped.",
    )
    .option('-p, --pipeline <file>', 'the pipeline file; also TIDEMARK_PIPELINE')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AggregatorFlags) => {
      // Loaded only when it runs: the Kafka and Redis clients cost every other command its quick start.
      const { aggregate } = await import('./aggregator.ts');
      exitWith(await aggregate(flags.pipeline ?? process.env.TIDEMARK_PIPELINE));
    });
}

const EXAMPLES = `
Examples:
  tidemark aggregator --pipeline examples/stocks.yaml
  TIDEMARK_KAFKA_BROKERS=kafka:9092 TIDEMARK_REDIS_URL=redis://redis:6379 tidemark aggregator -p stocks.yaml

The environment overrides the file: TIDEMARK_KAFKA_BROKERS, TIDEMARK_REDIS_URL, TIDEMARK_INSTANCE (the pod's name),
TIDEMARK_HTTP_PORT (health and metrics, 8080).
Ends with SIGTERM: what is under way is committed and handed over.`;
