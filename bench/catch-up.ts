/** `npm run bench:catch-up`: a backlog from one Kafka topic to another. HELP says what and how. */
import { Backlog } from './support/backlog.ts';
import { contenders, jobIds, JOBS_FLAG, JOBS_HELP } from './support/contender.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import type { JobRun } from './support/job-run.ts';
import type { MarketFile } from './support/market-file.ts';
import { report } from './support/report.ts';
import { withServers, type Servers } from './support/servers.ts';
import { spread, spreadText, type Spread } from './support/spread.ts';

const HELP = `
A backlog of trades in Kafka, worked off exactly once: from the start of the job's process until the last result is
visible under read_committed. Four partitions keyed by symbol, 100 symbols, CSV of 67 bytes, 5 % of the trades up to a
second out of order, windows of 3 s every 1 s, watermark delay 5 s. Broker, Redis and job share the machine.
Each run's output is read with Kafka's own consumer and compared, window by window, with a recomputation.

  npm run bench:catch-up -- --jobs all
  npm run bench:catch-up -- --trades 20000000 --per-second 100000 --rounds 1
  npm run bench:catch-up -- --rounds 1 --profile /tmp/profile     a CPU profile of each run

  --trades N        4000000 if left out
  --per-second N    trades in a second of event time, 20000 if left out
  --rounds N        3 if left out
${JOBS_HELP}
  --profile FOLDER  run Tidemark with --cpu-prof into the folder`;

const WINDOW = { sizeMs: 3_000, slideMs: 1_000, delayMs: 5_000 };
const LONGEST_RUN_MS = 300_000;

const millions = (value: number): string => `${(value / 1e6).toFixed(2)} M`;
const COLUMNS = [
  { title: 'job', text: ({ job }: Figures) => job },
  { title: 'trades/s', text: (figures: Figures) => spreadText(figures.tradesPerSecond, millions) },
  {
    title: 'trades per CPU second',
    text: (figures: Figures) => spreadText(figures.tradesPerCpuSecond, millions),
  },
  { title: 'peak memory, MB', text: (figures: Figures) => spreadText(figures.peakMb, (mb) => mb.toFixed(0)) },
  {
    title: 'first result, s',
    text: (figures: Figures) => spreadText(figures.firstResultSeconds, (s) => s.toFixed(2)),
  },
  { title: 'windows, all right', text: ({ results }: Figures) => results.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    trades: { type: 'string', default: '4000000' },
    'per-second': { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    ...JOBS_FLAG,
    profile: { type: 'string', default: '' },
  },
  HELP,
);
const market: MarketFile = {
  trades: count('trades', flags.trades),
  symbols: 100,
  perSecond: count('per-second', flags['per-second']),
  disorder: 0.05,
};
const rounds = count('rounds', flags.rounds);
const jobs = jobIds(flags.jobs);
await reportFailure(() => withServers(catchUp));

async function catchUp({ brokers, redisUrl }: Servers): Promise<void> {
  const backlog = await Backlog.write(brokers, market, WINDOW);
  const expected = backlog.windows(WINDOW.sizeMs);
  const runs = contenders(jobs, 'throughput', redisUrl, flags.profile).map((contender) => ({
    contender,
    costs: [] as JobRun[],
  }));
  for (let round = 1; round <= rounds; round++) {
    for (const { contender, costs } of runs) {
      costs.push(await backlog.workedOff(contender, String(round), WINDOW, expected, LONGEST_RUN_MS));
    }
  }
  report(
    form,
    `Catch-up, ${market.trades.toLocaleString('en')} trades`,
    COLUMNS,
    runs.map(({ contender, costs }) => figuresOf(contender.name, costs, expected.size)),
  );
}

interface Figures {
  readonly job: string;
  readonly results: number;
  readonly tradesPerSecond: Spread;
  readonly tradesPerCpuSecond: Spread;
  readonly peakMb: Spread;
  readonly firstResultSeconds: Spread;
}

function figuresOf(job: string, runs: readonly JobRun[], results: number): Figures {
  return {
    job,
    results,
    tradesPerSecond: spread(runs.map(({ seconds }) => market.trades / seconds)),
    tradesPerCpuSecond: spread(runs.map(({ cpuSeconds }) => market.trades / cpuSeconds)),
    peakMb: spread(runs.map(({ peakMb }) => peakMb)),
    firstResultSeconds: spread(runs.map(({ firstResultSeconds }) => firstResultSeconds)),
  };
}
