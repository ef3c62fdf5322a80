import { figure, line, type Section } from './line.ts';
import { MEASURED } from './measured.ts';
import { resultRates } from './result-rate.ts';
import type { Targets } from './targets.ts';

export interface AggregatorPlan extends Section {
  readonly replicas: number;
}

/** By CPU time: of trades and of results, of the backlog too, with a core a pod and some of it kept free. */
export function planAggregators(targets: Targets): AggregatorPlan {
  const { tradesPerSecond, outageMs, replayWithinMs, headroom, failOverMs } = targets;
  const perTrade = MEASURED.cpuMicrosPerTrade;
  const { coresOfResults, lines: resultLines } = resultsOf(targets);
  const coresOfTrades = (tradesPerSecond * perTrade) / 1e6;
  const cores = coresOfTrades + coresOfResults;
  const replay = 1 + outageMs / replayWithinMs;
  const needed = (cores * replay) / (1 - headroom);
  const working = Math.max(1, Math.ceil(rounded(needed)));
  const spare = failOverMs === undefined ? 0 : 1;
  const replicas = working + spare;
  const memoryMb = replicas * MEASURED.aggregatorMemoryMb;
  const seconds = (ms: number): string => `${figure(ms / 1_000)} s`;
  return {
    title: 'Aggregators',
    replicas,
    lines: [
      line('CPU of trades', coresOfTrades, 'cores', `${figure(tradesPerSecond)} trades/s × ${perTrade} µs`),
      ...resultLines,
      line('CPU at the peak', cores, 'cores', `${figure(coresOfTrades)} + ${figure(coresOfResults)}`),
      line(
        'rate of a replay',
        replay,
        '× the peak',
        `1 + ${seconds(outageMs)} of outage / ${seconds(replayWithinMs)} to work it off`,
      ),
      line(
        'CPU to have',
        needed,
        'cores',
        `${figure(cores)} × ${figure(replay)} / (1 − ${headroom} kept free)`,
      ),
      line(
        'aggregators',
        replicas,
        replicas === 1 ? 'pod of a core' : 'pods of a core',
        `⌈${figure(needed)}⌉${spare === 0 ? '' : ' + 1, so that the others do the work of one that dies'}`,
      ),
      line(
        'memory',
        memoryMb,
        'MB',
        `${replicas} × ${MEASURED.aggregatorMemoryMb} MB, beside the open windows`,
      ),
      ...failOverLines(failOverMs),
    ],
    notes: [...countNotes(targets), ...failOverNotes(failOverMs)],
  };
}

/** The most that there can be. */
function resultsOf(targets: Targets) {
  const rates = resultRates(targets, targets.tradesPerSecond);
  let coresOfResults = 0;
  const lines = rates.flatMap(({ window, perSecond, arithmetic }) => {
    const micros = MEASURED.cpuMicrosPerResult;
    const cores = (perSecond * micros) / 1e6;
    coresOfResults += cores;
    return [
      line(`results, ${window}`, perSecond, 'results/s', arithmetic),
      line(`CPU of them, ${window}`, cores, 'cores', `${figure(perSecond)} results/s × ${micros} µs`),
    ];
  });
  return { coresOfResults, lines };
}

function countNotes({ windows }: Targets): string[] {
  const isMeasured = windows.every(({ kind }) => kind === 'time');
  return isMeasured
    ? []
    : ['windows by count were not measured: their results are reckoned as those over time'];
}

function failOverLines(failOverMs: number | undefined) {
  if (failOverMs === undefined) return [];
  return [
    line('wait after a death', MEASURED.failOverMs, 'ms', 'measured, 99th percentile, with the operator'),
    line('wait that is allowed', failOverMs, 'ms'),
  ];
}

function failOverNotes(failOverMs: number | undefined): string[] {
  const { sessionTimeoutMs } = MEASURED;
  if (failOverMs === undefined) return [];
  if (failOverMs < MEASURED.failOverMs)
    return [`a wait of ${figure(failOverMs)} ms was not reached in the measurements`];
  const without = `without the operator a death is noticed after ${figure(sessionTimeoutMs / 1_000)} s`;
  return failOverMs < sessionTimeoutMs ? [`${without}: run it, it removes the dead at once`] : [];
}

/** So that 2.0000000000000004 cores are two. */
function rounded(value: number): number {
  return Number(value.toFixed(9));
}
