/** `npm run bench:scaling`: aggregators by the load, against aggregators by a threshold. HELP says what and how. */
import { writeFileSync } from 'node:fs';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { report } from './support/report.ts';
import { spread, spreadText } from './support/spread.ts';
import { dayChart } from './support/scaling/day-chart.ts';
import { isMarket, MARKETS, type Market } from './support/scaling/market-day.ts';
import { OUR_BEHAVIOR } from './support/scaling/scalers.ts';
import type { ScaledDay, Scaler } from './support/scaling/scaled-day.ts';
import {
  bestWithin,
  dayUnder,
  defaultThreshold,
  LAG_THRESHOLDS,
  tidemarkScalers,
  type TidemarkKind,
  tunedThresholds,
} from './support/scaling/scaling-scenario.ts';

const HELP = `
A simulated day of bursts under the operator's own code (src/scaling) and the HorizontalPodAutoscaler that it is handed
to, against the lag threshold of KEDA's Kafka scaler: its default, and eight others, each with Kubernetes' default
behaviour and with ours. The autoscaler is simulated as Kubernetes has it: a look every 15 s, 10 % tolerance,
stabilization, policies. A pod takes 10 to 30 s until it folds, a change of the group stops all for 3 s, a partition is
folded by one pod. Ten times a second it is noted how many trades wait to be folded, and for how long the first of them
has waited; once a second the lag, which is what the brokers have not been told of yet. The same seed gives the same
figures.

  npm run bench:scaling
  npm run bench:scaling -- --days 1 --markdown
  npm run bench:scaling -- --chart docs/scaling.svg
  npm run bench:scaling -- --thresholds 250000,1000000
  npm run bench:scaling -- --markets all --days 3

  --days N          so many days, with the seeds 1 to N; 5 if left out
  --thresholds LIST lag thresholds instead of those eight
  --markets LIST    days of these kinds instead, with the best thresholds alone: bursts, short-bursts, swings, opening,
                    steady, or all
  --chart FILE      draws the first day as an SVG`;

interface Row {
  readonly market: Market;
  readonly scaler: string;
  readonly replicaChanges: readonly number[];
  readonly p99WaitSeconds: readonly number[];
  readonly maxWaitSeconds: readonly number[];
  readonly p99Waiting: readonly number[];
  readonly p99Lag: readonly number[];
  readonly podHours: readonly number[];
}

const FIGURES = [
  { title: 'scaler', text: ({ scaler }: Row) => scaler },
  { title: 'replica changes', text: ({ replicaChanges }: Row) => rangeText(replicaChanges, whole) },
  { title: 'wait p99, s', text: ({ p99WaitSeconds }: Row) => rangeText(p99WaitSeconds, tenths) },
  { title: 'wait max, s', text: ({ maxWaitSeconds }: Row) => rangeText(maxWaitSeconds, whole) },
  { title: 'trades that wait, p99, M', text: ({ p99Waiting }: Row) => rangeText(p99Waiting, millions) },
  { title: 'lag p99, M', text: ({ p99Lag }: Row) => rangeText(p99Lag, millions) },
  { title: 'pod hours', text: ({ podHours }: Row) => rangeText(podHours, whole) },
];
const ALL_KINDS = ['right', 'twice', 'half', 'assumedTwice', 'assumedHalf'] as const;
const WITH_MARKET = [{ title: 'day', text: ({ market }: Row) => market }, ...FIGURES];

const { flags, form } = benchmarkFlags(
  {
    days: { type: 'string', default: '5' },
    thresholds: { type: 'string', default: LAG_THRESHOLDS.join() },
    chart: { type: 'string' },
    markets: { type: 'string' },
  },
  HELP,
);
const lagThresholds = flags.thresholds.split(',').map((text) => count('thresholds', text));
const seeds = Array.from({ length: count('days', flags.days) }, (_, index) => index + 1);
const markets = flags.markets === undefined ? undefined : marketsIn(flags.markets);
await reportFailure(async () => {
  await Promise.resolve();
  if (markets === undefined) daysOfBursts();
  else daysOf(markets);
});

function marketsIn(text: string): readonly Market[] {
  const names = text === 'all' ? Object.keys(MARKETS) : text.split(',');
  const known = names.filter(isMarket);
  if (known.length === names.length) return known;
  console.error(`--markets is to be all, or some of ${Object.keys(MARKETS).join()}, and is ${text}`);
  process.exit(2);
}

function daysOfBursts(): void {
  const others = [defaultThreshold(), ...tunedThresholds(lagThresholds)];
  const { ours, best, bestPlain, theirs } = compared('bursts', ALL_KINDS, others);
  report(form, `A day of bursts, ${seeds.length} such days`, FIGURES, [
    ...ours.map((days) => rowOf('bursts', days)),
    ...bestRows('bursts', best, bestPlain),
    ...theirs.map((days) => rowOf('bursts', days)),
  ]);
  if (flags.chart !== undefined && best.length > 0)
    writeFileSync(flags.chart, dayChart(MARKETS.bursts(seeds[0]), ours[0][0], best[0]));
}

function daysOf(markets: readonly Market[]): void {
  const rows = markets.flatMap((market) => {
    const { ours, best, bestPlain } = compared(
      market,
      ['right', 'twice', 'half'],
      tunedThresholds(lagThresholds),
    );
    return [...ours.map((days) => rowOf(market, days)), ...bestRows(market, best, bestPlain)];
  });
  report(form, `Days of other kinds, ${seeds.length} of each`, WITH_MARKET, rows);
}

interface Compared {
  readonly ours: readonly (readonly ScaledDay[])[];
  readonly theirs: readonly (readonly ScaledDay[])[];
  /** The best threshold of each day that costs no more than ours; none where all cost more on any of the days. */
  readonly best: readonly ScaledDay[];
  /** The same of those with Kubernetes' default behavior. */
  readonly bestPlain: readonly ScaledDay[];
}

function compared(market: Market, kinds: readonly TidemarkKind[], others: readonly Scaler[]): Compared {
  const daysUnder = (made: () => Scaler) => seeds.map((seed) => dayUnder(made(), market, seed));
  const ours = kinds.map((kind) => daysUnder(() => tidemarkScalers()[kind]));
  const theirs = others.map((scaler) => daysUnder(() => scaler));
  const bestAmong = (among: readonly (readonly ScaledDay[])[]) => {
    const found = seeds.flatMap((_, at) => bestOf(among, at, ours[0][at]) ?? []);
    return found.length === seeds.length ? found : [];
  };
  const plain = theirs.filter(([{ scaler }]) => !scaler.endsWith(OUR_BEHAVIOR));
  return { ours, theirs, best: bestAmong(theirs), bestPlain: bestAmong(plain) };
}

function bestRows(market: Market, best: readonly ScaledDay[], bestPlain: readonly ScaledDay[]): Row[] {
  return [
    ...(bestPlain.length === 0
      ? []
      : [rowOf(market, bestPlain, 'threshold, the best of each day that costs no more')]),
    ...(best.length === 0 ? [] : [rowOf(market, best, `threshold, the best with ${OUR_BEHAVIOR} too`)]),
  ];
}

function bestOf(
  others: readonly (readonly ScaledDay[])[],
  at: number,
  ours: ScaledDay,
): ScaledDay | undefined {
  return bestWithin(
    others.map((days) => days[at]),
    ours.podHours,
  );
}

function rowOf(market: Market, days: readonly ScaledDay[], scaler = days[0].scaler): Row {
  const figure = (of: (day: ScaledDay) => number) => days.map(of);
  return {
    market,
    scaler,
    replicaChanges: figure((day) => day.replicaChanges),
    p99WaitSeconds: figure(({ wait }) => wait.p99),
    maxWaitSeconds: figure(({ wait }) => wait.max),
    p99Waiting: figure(({ waiting }) => waiting.p99),
    p99Lag: figure(({ lag }) => lag.p99),
    podHours: figure((day) => day.podHours),
  };
}

/** Median, and from where to where. */
function rangeText(values: readonly number[], text: (value: number) => string): string {
  return spreadText(spread(values), text);
}

function whole(value: number): string {
  return value.toFixed(0);
}

function tenths(value: number): string {
  return value.toFixed(1);
}

function millions(value: number): string {
  return (value / 1e6).toFixed(1);
}
