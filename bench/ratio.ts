/** `npm run bench:ratio`: what a trade costs when windows overlap much. HELP says what and how. */
import { createTopics } from '../test/support/topics.ts';
import { contenders } from './support/contender.ts';
import { TradeSums, type ExpectedWindows } from './support/expected-windows.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { runToLastResult, TooSlow, type JobRun } from './support/job-run.ts';
import { marketTrades, type MarketFile } from './support/market-file.ts';
import { preload } from './support/preload.ts';
import { report } from './support/report.ts';
import { withServers, type Servers } from './support/servers.ts';
import { spread, spreadText, type Spread } from './support/spread.ts';
import { verifyResults } from './support/verify-results.ts';
import type { WindowedJob } from './support/windowed-job.ts';

const HELP = `
A backlog of trades in Kafka, worked off exactly once with windows of 3, 60 and 3,600 s, each every 1 s: 500 trades in a
second of event time, 100 symbols, four partitions. Every ratio writes about the same number of results, which is most
of the cost here; from the start of the job's process until the last result is visible under read_committed.
Each run's output is read with Kafka's own consumer and compared, window by window, with a recomputation.

  npm run bench:ratio
  npm run bench:ratio -- --trades 200000 --rounds 1 --peers

  --trades N        2000000 if left out
  --rounds N        3 if left out
  --peers           Kafka Streams and Flink in turns with Tidemark, each given up after 80 s`;

const PARTITIONS = 4;
const RATIOS = [3, 60, 3_600];
const SLIDE_MS = 1_000;
const DELAY_MS = 5_000;
const LONGEST_RUN_MS = 80_000;

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
  figure === undefined ? `did not finish in ${LONGEST_RUN_MS / 1000} s` : spreadText(figure, text);
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
    peers: { type: 'boolean', default: false },
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
await reportFailure(() => withServers(ratios));

async function ratios({ brokers, redisUrl }: Servers): Promise<void> {
  console.error(`writing ${market.trades.toLocaleString('en')} trades to Kafka ...`);
  await createTopics(brokers, { stocks: PARTITIONS });
  const { watermarkMs } = await preload(brokers, 'stocks', market, DELAY_MS);
  const sums = new TradeSums(market.symbols, SLIDE_MS);
  for (const { symbol, priceCents, timeMs } of marketTrades(market)) sums.add(symbol, priceCents, timeMs);
  const expected = new Map<number, ExpectedWindows>(
    RATIOS.map((ratio) => [ratio, sums.windows(ratio * SLIDE_MS, watermarkMs)]),
  );

  const pairs = contenders('throughput', redisUrl, { withPeers: flags.peers }).flatMap((contender) =>
    [...expected].map(([ratio, windows]) => ({ contender, ratio, windows, runs: [] as JobRun[] })),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const { contender, ratio, windows, runs } of pairs) {
      if (runs.length < round - 1) continue; // given up before
      const name = `${contender.id}-${ratio}-${round}`;
      const output = `averages-${name}`;
      await createTopics(brokers, { [output]: PARTITIONS });
      const window = { sizeMs: ratio * SLIDE_MS, slideMs: SLIDE_MS, delayMs: DELAY_MS };
      const job: WindowedJob = { name, brokers, input: 'stocks', output, ...window };
      const wanted = { brokers, topic: output, partitions: PARTITIONS, results: windows.size };
      try {
        runs.push(await runToLastResult(contender.command(job), wanted, contender.end, LONGEST_RUN_MS));
        await verifyResults(brokers, output, window.sizeMs, windows, contender.precision);
        console.error(`round ${round}: ${contender.name}, ratio ${ratio}: ${JSON.stringify(runs.at(-1))}`);
      } catch (error) {
        if (!(error instanceof TooSlow) || contender.id === 'tidemark') throw error;
        console.error(`round ${round}: ${error.message}`);
      }
    }
  }
  report(
    form,
    `Window / slide, ${market.trades.toLocaleString('en')} trades`,
    COLUMNS,
    pairs.map(({ contender, ratio, windows, runs }) =>
      figuresOf(contender.name, ratio, windows.size, runs.length === rounds ? runs : []),
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
