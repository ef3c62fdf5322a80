/** `npm run bench:latency`: how soon a result is seen after its window's end. HELP says what and how. */
import { setTimeout as delay } from 'node:timers/promises';
import { createTopics } from '../test/support/topics.ts';
import { until } from '../test/support/until.ts';
import { contenders, jobIds, JOBS_FLAG, JOBS_HELP, type Contender } from './support/contender.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { Job } from './support/job.ts';
import { clockMs, LiveMarket } from './support/live-market.ts';
import { percentiles, type Percentiles } from './support/percentiles.ts';
import { report } from './support/report.ts';
import { ResultWatch } from './support/result-watch.ts';
import { withServers, type Servers } from './support/servers.ts';
import { verifyResults } from './support/verify-results.ts';
import type { WindowedJob } from './support/windowed-job.ts';

const HELP = `
Trades paced by the wall clock, 100 symbols in four partitions, windows of 3 s every 1 s, watermark delay 0: how long
after a window's end its result is visible under read_committed, exactly once. The 13 s after the first result are
warm-up and do not count. Trades leave in batches of about a millisecond; what that adds is in the figures.
Each run's output is read with Kafka's own consumer and compared, window by window, with a recomputation.

  npm run bench:latency
  npm run bench:latency -- --jobs all --seconds 30

  --seconds N       how long to measure, 60 if left out
  --rate N          trades per second, 5000 if left out
  --rounds N        1 if left out
${JOBS_HELP}`;

const PARTITIONS = 4;
const SYMBOLS = 100;
const WARM_UP_MS = 13_000;
const LONGEST_START_MS = 120_000;
const LONGEST_END_MS = 120_000;

interface Figures extends Percentiles {
  readonly job: string;
  readonly round: number;
  readonly cpuShare: number;
  readonly windows: number;
}

const ms = (value: number): string => value.toFixed(1);
const COLUMNS = [
  { title: 'job', text: ({ job }: Figures) => job },
  { title: 'p50, ms', text: ({ p50 }: Figures) => ms(p50) },
  { title: 'p99, ms', text: ({ p99 }: Figures) => ms(p99) },
  { title: 'max, ms', text: ({ max }: Figures) => ms(max) },
  { title: 'results measured', text: ({ count }: Figures) => count.toLocaleString('en') },
  { title: 'share of a core', text: ({ cpuShare }: Figures) => `${(100 * cpuShare).toFixed(0)} %` },
  { title: 'windows, all right', text: ({ windows }: Figures) => windows.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '1' },
    ...JOBS_FLAG,
  },
  HELP,
);
const measuredMs = count('seconds', flags.seconds) * 1000;
const perSecond = count('rate', flags.rate);
const rounds = count('rounds', flags.rounds);
const jobs = jobIds(flags.jobs);
await reportFailure(() => withServers(latency));

async function latency({ brokers, redisUrl }: Servers): Promise<void> {
  const figures: Figures[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders(jobs, 'latency', redisUrl)) {
      const run = await measured(contender, round, brokers);
      console.error(`round ${round}: ${JSON.stringify(run)}`);
      figures.push(run);
    }
  }
  report(form, `Latency at ${perSecond.toLocaleString('en')} trades/s`, COLUMNS, figures);
}

async function measured(contender: Contender, round: number, brokers: string[]): Promise<Figures> {
  const name = `${contender.id}-${round}`;
  const window = { sizeMs: 3_000, slideMs: 1_000, delayMs: 0 };
  const job: WindowedJob = { name, brokers, input: `stocks-${name}`, output: `averages-${name}`, ...window };
  await createTopics(brokers, { [job.input]: PARTITIONS, [job.output]: PARTITIONS });
  const seen: { endMs: number; afterMs: number }[] = [];
  const watch = new ResultWatch(brokers, job.output, PARTITIONS, ({ bytes, valueStart, valueEnd }) => {
    const { end } = JSON.parse(bytes.toString('latin1', valueStart, valueEnd)) as { end: number };
    seen.push({ endMs: end, afterMs: clockMs() - end });
  });
  const market = new LiveMarket(job, { symbols: SYMBOLS, perSecond, partitions: PARTITIONS });
  await watch.start();
  const process = new Job(contender.command(job));
  try {
    await market.start();
    await Promise.race([
      until('the first result is seen', () => seen.length > 0, LONGEST_START_MS),
      process.failed,
    ]);
    await Promise.race([delay(WARM_UP_MS), process.failed]);
    const [fromMs, cpuBefore] = [clockMs(), process.cost.cpuSeconds];
    await Promise.race([delay(measuredMs), process.failed]);
    const [untilMs, cpuAfter] = [clockMs(), process.cost.cpuSeconds];
    const { windows } = await market.stop();
    await until(
      `${contender.name} has written all ${windows.size} results`,
      () => seen.length >= windows.size,
      LONGEST_END_MS,
    );
    await process.end(contender.end);
    await verifyResults(brokers, job.output, window.sizeMs, windows, contender.precision);
    const counted = seen.filter(({ endMs }) => endMs >= fromMs && endMs < untilMs);
    return {
      job: contender.name,
      round,
      ...percentiles(counted.map(({ afterMs }) => afterMs)),
      cpuShare: ((cpuAfter - cpuBefore) * 1000) / (untilMs - fromMs),
      windows: windows.size,
    };
  } finally {
    await process.end('SIGKILL');
    await market.close();
    await watch.stop();
  }
}
