import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../pipeline/error.ts';
import { aboveZero, durationMs, shareBelowOne, wholeNumberFrom } from './flag-values.ts';

export interface PlanFlags {
  readonly rate: number;
  readonly averageRate?: number;
  readonly symbols?: number;
  readonly window?: string[];
  readonly delay?: string;
  readonly outage: number;
  readonly replayWithin: number;
  readonly failOver?: number;
  readonly growth: number;
  readonly headroom: number;
  readonly recordBytes: number;
  readonly resultBytes: number;
  readonly symbolBytes: number;
  readonly retention: number;
  readonly replication: number;
  readonly zones: number;
  readonly producerRate?: number;
  readonly priceVcpuHour?: number;
  readonly priceMemoryGbMonth?: number;
  readonly priceRedisGbMonth?: number;
  readonly priceDiskGbMonth?: number;
  readonly priceCrossZoneGb?: number;
  readonly json?: true;
}

/** `tidemark plan`: what it takes to meet targets. */
export function planCommand(exitWith: (code: number) => void): Command {
  return new Command('plan')
    .summary('reckon partitions, aggregators, Redis, Kafka, traffic and cost of targets')
    .description(
      'Reckons what it takes to meet targets, line by line, from what was measured (docs/performance.md): partitions, ' +
        'aggregators, memory of Redis, disks, traffic, and amounts to pay for. Asks nobody and changes nothing.',
    )
    .argument('[file]', 'a pipeline file, for its windows, delay and measures')
    .optionsGroup('Targets:')
    .requiredOption('--rate <n>', 'trades a second at the peak', aboveZero)
    .option('--average-rate <n>', 'trades a second over a month; the peak if left out', aboveZero)
    .option('--symbols <n>', 'how many symbols are traded; 1000 if left out', wholeNumberFrom(1))
    .addOption(
      new Option('--outage <duration>', 'after an outage this long ...')
        .argParser(durationMs)
        .default(0, '0s'),
    )
    .addOption(
      new Option('--replay-within <duration>', '... the backlog is worked off within this')
        .argParser(positive)
        .default(60_000, '1m'),
    )
    .option('--fail-over <duration>', 'the longest wait for a result after a pod died', positive)
    .option('--growth <n>', 'how many times the trades of today the partitions are to do for', factor, 2)
    .option('--headroom <share>', 'the share of each core to keep free', shareBelowOne, 0.3)
    .optionsGroup('Windows, without a file:')
    .option('-w, --window <size>', '3s, or 1m/10s for a minute every 10 s; may be repeated', collect)
    .option('-d, --delay <duration>', 'how long a window waits for trades that are out of order')
    .optionsGroup('Records and Kafka:')
    .option('--record-bytes <n>', "a trade's key and value", wholeNumberFrom(1), 71)
    .option('--result-bytes <n>', "a result's key and value", wholeNumberFrom(1), 135)
    .option('--symbol-bytes <n>', 'the name of a symbol', wholeNumberFrom(1), 4)
    .addOption(
      new Option('--retention <duration>', 'how long topics keep records')
        .argParser(positive)
        .default(604_800_000, '7d'),
    )
    .option('--replication <n>', 'on how many brokers a record is', wholeNumberFrom(1), 3)
    .option('--zones <n>', 'over how many zones brokers and aggregators are spread', wholeNumberFrom(1), 3)
    .option('--producer-rate <n>', 'records a second that one partition takes from your producers', aboveZero)
    .optionsGroup('Prices, in any currency; a plan without them tells amounts:')
    .option('--price-vcpu-hour <n>', 'of a vCPU for an hour', price)
    .option('--price-memory-gb-month <n>', "of a GB of a node's memory", price)
    .option('--price-redis-gb-month <n>', "of a GB of Redis's memory", price)
    .option('--price-disk-gb-month <n>', 'of a GB of disk', price)
    .option('--price-cross-zone-gb <n>', 'of a GB between zones', price)
    .optionsGroup('Output:')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: PlanFlags) => {
      const { planned } = await import('./plan.ts');
      process.stdout.write(await planned(file, flags));
      exitWith(EXIT.ok);
    });
}

function positive(text: string): number {
  const ms = durationMs(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('A duration above zero is expected, such as 10m.');
}

function factor(text: string): number {
  const times = aboveZero(text);
  if (times >= 1) return times;
  throw new InvalidArgumentError('A number from 1 is expected, such as 2.');
}

function price(text: string): number {
  return text === '0' ? 0 : aboveZero(text);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

const EXAMPLES = `
Examples:
  tidemark plan examples/stocks.yaml --rate 200000 --symbols 10000
  tidemark plan --rate 50000 --window 1m/1s --outage 1h --replay-within 10m --fail-over 1s
  tidemark plan stocks.yaml --rate 200000 --retention 36h --price-vcpu-hour 0.05 --price-disk-gb-month 0.1
  tidemark plan stocks.yaml --rate 200000 --json | jq '.Partitions.partitions.value'

The measured rates are one machine's. Measure yours: npm run bench:aggregator, bench:one-partition.
Exit codes: 0 done, 2 wrong command line or pipeline file.`;
