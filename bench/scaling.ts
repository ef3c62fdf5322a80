/** `npm run bench:scaling`: aggregators by the load, against aggregators by a threshold. HELP says what and how. */
import { writeFileSync } from 'node:fs';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { report } from './support/report.ts';
import { spread, spreadText } from './support/spread.ts';
import { dayChart } from './support/scaling/day-chart.ts';
import { marketDay } from './support/scaling/market-day.ts';
import type { ScaledDay } from './support/scaling/scaled-day.ts';
import {
  bestWithin,
  dayUnder,
  defaultThreshold,
  LAG_THRESHOLDS,
  SCENARIO,
  tidemarkScalers,
  tunedThresholds,
} from './support/scaling/scaling-scenario.ts';

const HELP = `
A simulated day of bursts under the operator's own code (src/scaling) and the HorizontalPodAutoscaler that it is handed
to, against the lag threshold of KEDA's Kafka scaler: its default, and eight others, each with Kubernetes' default
behaviour and with ours. The autoscaler is simulated as Kubernetes has it: a look every 15 s, 10 % tolerance,
stabilization, policies. A pod takes 10 to 30 s until it folds, a change of the group stops all for 3 s, a partition is
folded by one pod. Every second the longest wait of a trade is noted. The same seed gives the same figures.

  npm run bench:scaling
  npm run bench:scaling -- --days 1 --markdown
  npm run bench:scaling -- --chart docs/scaling.svg
  npm run bench:scaling -- --thresholds 250000,1000000

  --days N          so many days, with the seeds 1 to N; 5 if left out
  --thresholds LIST lag thresholds instead of those eight
  --chart FILE      draws the first day as an SVG`;

interface Row {
  readonly scaler: string;
  readonly replicaChanges: readonly number[];
  readonly p99WaitSeconds: readonly number[];
  readonly maxWaitSeconds: readonly number[];
  readonly podHours: readonly number[];
}

const COLUMNS = [
  { title: 'scaler', text: ({ scaler }: Row) => scaler },
  { title: 'replica changes', text: ({ replicaChanges }: Row) => rangeText(replicaChanges) },
  { title: 'wait p99, s', text: ({ p99WaitSeconds }: Row) => rangeText(p99WaitSeconds) },
  { title: 'wait max, s', text: ({ maxWaitSeconds }: Row) => rangeText(maxWaitSeconds) },
  { title: 'pod hours', text: ({ podHours }: Row) => rangeText(podHours) },
];

const { flags, form } = benchmarkFlags(
  {
    days: { type: 'string', default: '5' },
    thresholds: { type: 'string', default: LAG_THRESHOLDS.join() },
    chart: { type: 'string' },
  },
  HELP,
);
const lagThresholds = flags.thresholds.split(',').map((text) => count('thresholds', text));
const seeds = Array.from({ length: count('days', flags.days) }, (_, index) => index + 1);
await reportFailure(async () => {
  await Promise.resolve();
  compare();
});

function compare(): void {
  const ours = Object.values(tidemarkScalers()).map((_, index) =>
    seeds.map((seed) => dayUnder(Object.values(tidemarkScalers())[index], seed)),
  );
  const others = [defaultThreshold(), ...tunedThresholds(lagThresholds)].map((scaler) =>
    seeds.map((seed) => dayUnder(scaler, seed)),
  );
  const best = seeds.flatMap((_, at) => bestOf(others, at, ours[0][at]) ?? []);
  const isFull = best.length === seeds.length;
  report(form, `A day of ${SCENARIO.bursts} bursts, ${seeds.length} such days`, COLUMNS, [
    ...ours.map((days) => rowOf(days)),
    ...(isFull ? [rowOf(best, 'threshold, the best of each day that costs no more')] : []),
    ...others.map((days) => rowOf(days)),
  ]);
  if (flags.chart !== undefined && isFull)
    writeFileSync(flags.chart, dayChart(marketDay(seeds[0], SCENARIO.bursts), ours[0][0], best[0]));
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

function rowOf(days: readonly ScaledDay[], scaler = days[0].scaler): Row {
  const figure = (of: (day: ScaledDay) => number) => days.map(of);
  return {
    scaler,
    replicaChanges: figure((day) => day.replicaChanges),
    p99WaitSeconds: figure((day) => day.p99WaitSeconds),
    maxWaitSeconds: figure((day) => day.maxWaitSeconds),
    podHours: figure((day) => Math.round(day.podHours)),
  };
}

/** Median, and from where to where. */
function rangeText(values: readonly number[]): string {
  return spreadText(spread(values), String);
}
