/** `npm run bench:one-partition`: what one partition takes from producers, for `tidemark plan`. */
import { createTopics, runKafkaTool, withAdmin } from '../test/support/topics.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { report } from './support/report.ts';
import { withServers, type Servers } from './support/servers.ts';
import { spread, spreadText, type Spread } from './support/spread.ts';

const HELP = `
Kafka's own producer (kafka-producer-perf-test) writes records of 67 bytes to one partition as fast as it can, waiting
for all replicas, with 5 ms of linger and batches of 64 kB. All records have to be in the topic afterwards.

  npm run bench:one-partition
  npm run bench:one-partition -- --records 500000 --rounds 1

  --records N       2000000 if left out
  --rounds N        3 if left out`;

interface Figures {
  readonly recordsPerSecond: Spread;
}

const { flags, form } = benchmarkFlags(
  { records: { type: 'string', default: '2000000' }, rounds: { type: 'string', default: '3' } },
  HELP,
);
const records = count('records', flags.records);
const rounds = count('rounds', flags.rounds);
await reportFailure(() => withServers(producing));

async function producing(servers: Servers): Promise<void> {
  const rates: number[] = [];
  for (let round = 1; round <= rounds; round++) rates.push(await rateOf(`stocks-${round}`, servers));
  const columns = [
    {
      title: 'records/s into one partition',
      text: ({ recordsPerSecond }: Figures) =>
        spreadText(recordsPerSecond, (rate) => `${(rate / 1e6).toFixed(2)} M`),
    },
  ];
  report(form, `Producing ${records.toLocaleString('en')} records`, columns, [
    { recordsPerSecond: spread(rates) },
  ]);
}

async function rateOf(topic: string, { brokers }: Servers): Promise<number> {
  await createTopics(brokers, { [topic]: 1 });
  const printed = await runKafkaTool('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', topic, '--num-records', String(records), '--record-size', '67', '--throughput', '-1'],
    ...['--bootstrap-server', brokers.join(','), '--command-property', 'acks=all'],
    ...['--command-property', 'linger.ms=5', '--command-property', 'batch.size=65536'],
  ]);
  const [{ high }] = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  if (Number(high) !== records) throw new Error(`${high} records of ${records} are in the topic.`);
  const rate = [...printed.matchAll(/ ([\d.]+) records\/sec/g)].at(-1)?.[1];
  if (rate === undefined) throw new Error(`The producer told no rate:\n${printed}`);
  return Number(rate);
}
