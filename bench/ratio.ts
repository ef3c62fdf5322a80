/** `npm run bench:ratio`: what a trade costs when windows overlap much. HELP says what and how. */
import { Backlog } from './support/backlog.ts';
import { contenders, jobIds, JOBS_FLAG, JOBS_HELP } from './support/contender.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { TooSlow, type JobRun } from './support/job-run.ts';
import type { MarketFile } from './support/market-file.ts';
import { report } from './support/report.ts';
import { withServers, type Servers } from './support/servers.ts';
import { spread, spreadText, type Spread } from './support/spread.ts';

const HELP = `
A backlog of trades in Kafka, worked off exactly once with windows of 3, 60 and 3,600 s, each every 1 s: 500 trades in a
second of event time, 100 symbols, four partitions. Every ratio writes about the same number of results, which is most
of the cost here; from the start of the job's process until the last result is visible under read_committed.
Each run's output is read with Kafka's own consumer and compared, window by window, with a recomputation.

  npm run bench:ratio
  npm run bench:ratio -- --trades 200000 --rounds 1 --jobs all

  --trades N        2000000 if left out
  --rounds N        3 if left out
${JOBS_HELP};
                    a peer is given up after 80 s`;

const RATIOS = [3, 60, 3_600];
const SHAPE = { slideMs: 1_000, delayMs: 5_000 };
const LONGEST_RUN_MS = 300_000;
const GIVEN_UP_AFTER_MS = 80_000;

interface Figures {
  readonly job: string;
  readonly ratio: number;
  readonly results: number;
  readonly tradesPerSecond: Spread | undefined;
  readonly resultsPerSecond: Spread | undefined;
  readonly cpuMicrosecondsPerTrade: Spread | undefined;
}

const thousands = (value: number): string => `${(value / 1e3).toFixed(0)} k`;
const orGivenUp = (figure: Spread | undefined, text: (value: number) => string): string =>
  figure === undefined ? `did not finish in ${GIVEN_UP_AFTER_MS / 1000} s` : spreadText(figure, text);
const COLUMNS = [
  { title: 'job', text: ({ job }: Figures) => job },
  { title: 'window / slide', text: ({ ratio }: Figures) => ratio.toLocaleString('en') },
  { title: 'trades/s', text: (figures: Figures) => orGivenUp(figures.tradesPerSecond, thousands) },
  { title: 'results/s', text: (figures: Figures) => orGivenUp(figures.resultsPerSecond, thousands) },
  {
    title: 'CPU per trade, µs',
    text: (figures: Figures) => orGivenUp(figures.cpuMicrosecondsPerTrade, (us) => us.toFixed(2)),
  },
  { title: 'windows, all right', text: ({ results }: Figures) => results.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    trades: { type: 'string', default: '2000000' },
    rounds: { type: 'string', default: '3' },
    ...JOBS_FLAG,
  },
  HELP,
);
const market: MarketFile = {
  trades: count('trades', flags.trades),
  symbols: 100,
  perSecond: 500,
  disorder: 0.05,
};
const rounds = count('rounds', flags.rounds);
const jobs = jobIds(flags.jobs);
await reportFailure(() => withServers(ratios));

async function ratios({ brokers, redisUrl }: Servers): Promise<void> {
  const backlog = await Backlog.write(brokers, market, SHAPE);
  const expected = RATIOS.map((ratio) => ({ ratio, windows: backlog.windows(ratio * SHAPE.slideMs) }));
  const runs = contenders(jobs, 'throughput', redisUrl).flatMap((contender) =>
    expected.map((each) => ({ contender, ...each, costs: [] as JobRun[] })),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const { contender, ratio, windows, costs } of runs) {
      if (costs.length < round - 1) continue; // given up before
      const shape = { ...SHAPE, sizeMs: ratio * SHAPE.slideMs };
      const withinMs = contender.isPeer ? GIVEN_UP_AFTER_MS : LONGEST_RUN_MS;
      try {
        costs.push(await backlog.workedOff(contender, `${ratio}-${round}`, shape, windows, withinMs));
      } catch (error) {
        if (!(error instanceof TooSlow && contender.isPeer)) throw error;
        console.error(error.message);
      }
    }
  }
  report(
    form,
    `Window / slide, ${market.trades.toLocaleString('en')} trades`,
    COLUMNS,
    runs.map(({ contender, ratio, windows, costs }) =>
      figuresOf(contender.name, ratio, windows.size, costs.length === rounds ? costs : []),
    ),
  );
}

function figuresOf(job: string, ratio: number, results: number, runs: readonly JobRun[]): Figures {
  const figure = (of: (run: JobRun) => number): Spread | undefined =>
    runs.length === 0 ? undefined : spread(runs.map(of));
  return {
    job,
    ratio,
    results,
    tradesPerSecond: figure(({ seconds }) => market.trades / seconds),
    resultsPerSecond: figure(({ seconds }) => results / seconds),
    cpuMicrosecondsPerTrade: figure(({ cpuSeconds }) => (cpuSeconds * 1e6) / market.trades),
  };
}
