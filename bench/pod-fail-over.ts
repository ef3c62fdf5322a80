/** `npm run bench:pod-fail-over`: how long a result is waited for after a pod has died. HELP says what and how. */
import { setTimeout as delay } from 'node:timers/promises';
import { removeObject } from '../test/support/kube-objects.ts';
import type { MovingAverageInCluster } from '../test/support/moving-average.ts';
import { killProcessOf } from '../test/support/pod-process.ts';
import { until } from '../test/support/until.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { clockMs } from './support/live-market.ts';
import { withOperators, type OperatorNamespace } from './support/operator-namespace.ts';
import { withLivePipeline } from './support/live-pipeline.ts';
import { modesIn } from './support/modes.ts';
import { percentiles, percentilesText, type Percentiles } from './support/percentiles.ts';
import { report } from './support/report.ts';
import type { ResultWaits } from './support/result-waits.ts';

const HELP = `
A pipeline of two pods on the cluster of KUBECONFIG, with operators in pods as the manifests install them, a real Kafka
and a real Redis; live trades into four partitions, windows of 1 s every 100 ms, watermark delay 0. One pod is killed
(SIGKILL to its process) or deleted by force, the other takes over, and a new one comes. Told is the longest that any
result took from its window's end until it was visible under read_committed, until all symbols have results again, and
then until the new pod has its partitions. All results are compared, window by window, with a recomputation.

  KUBECONFIG=... TIDEMARK_E2E_IMAGE=tidemark:0.1.0 npm run bench:pod-fail-over
  npm run bench:pod-fail-over -- --kills 5 --mode killed

  --kills N         in each mode, 20 if left out
  --rate N          trades per second, 2000 if left out
  --mode MODE       killed (needs the node to be this machine) or deleted; both if left out`;

const PARTITIONS = 4;
const SYMBOLS = 100;
const WINDOW = { sizeMs: 1_000, slideMs: 100, delayMs: 0 };
const MODES = ['killed', 'deleted'] as const;
const MODE_NAMES: Readonly<Record<Mode, string>> = { killed: 'SIGKILL', deleted: 'deleted by force' };
const LONGEST_RECOVERY_MS = 90_000;
/** Results of windows that ended so long after a kill show that it is over. */
const CALM_MS = 500;

type Mode = (typeof MODES)[number];

interface Figures {
  readonly mode: Mode;
  readonly wait: Percentiles;
  readonly join: Percentiles;
  readonly windows: number;
}

const COLUMNS = [
  { title: 'one of two pods', text: ({ mode }: Figures) => MODE_NAMES[mode] },
  { title: 'times', text: ({ wait }: Figures) => String(wait.count) },
  { title: 'longest wait, ms: p50 / p99 / max', text: ({ wait }: Figures) => percentilesText(wait) },
  { title: 'longest wait when the next one comes', text: ({ join }: Figures) => percentilesText(join) },
  { title: 'windows, all right', text: ({ windows }: Figures) => windows.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    kills: { type: 'string', default: '20' },
    rate: { type: 'string', default: '2000' },
    mode: { type: 'string', default: '' },
  },
  HELP,
  'removes',
);
const kills = count('kills', flags.kills);
const perSecond = count('rate', flags.rate);
const modes = modesIn(MODES, flags.mode);
await reportFailure(() =>
  withOperators(async (there) => {
    const figures: Figures[] = [];
    for (const mode of modes) figures.push(await failOvers(mode, there));
    report(form, `A pod dies at ${perSecond.toLocaleString('en')} trades/s`, COLUMNS, figures);
  }),
);

async function failOvers(mode: Mode, there: OperatorNamespace): Promise<Figures> {
  const pace = { symbols: SYMBOLS, perSecond, partitions: PARTITIONS };
  const options = { name: mode, window: WINDOW, spec: { replicas: 2 }, ...pace };
  return withLivePipeline(there, options, async ({ pipeline, waits, verified }) => {
    await upToDate(waits);
    const waited: number[] = [];
    const joined: number[] = [];
    while (waited.length < kills) {
      const { waitMs, joinMs } = await failOver(mode, pipeline, there, waits);
      waited.push(waitMs);
      joined.push(joinMs);
      console.error(`${mode}, ${waited.length}: ${waitMs.toFixed(0)} ms, then ${joinMs.toFixed(0)} ms`);
    }
    const { windows } = await verified();
    return { mode, wait: percentiles(waited), join: percentiles(joined), windows };
  });
}

async function failOver(
  mode: Mode,
  pipeline: MovingAverageInCluster,
  { client }: OperatorNamespace,
  waits: ResultWaits,
): Promise<{ waitMs: number; joinMs: number }> {
  await delay(1_000 + Math.random() * 1_000); // deaths come at any time between two results and two checkpoints
  const [oldest] = (await pipeline.pods()).toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
  );
  waits.takeLongestMs();
  const diedMs = clockMs();
  if (mode === 'killed') killProcessOf(oldest.metadata.name);
  else await removeObject(client, oldest, { gracePeriodSeconds: 0 });
  await until(
    'all symbols have results again',
    () => waits.haveAllSince(diedMs + CALM_MS),
    LONGEST_RECOVERY_MS,
  );
  const waitMs = waits.takeLongestMs();
  // A container that is killed again and again is started again later and later: a new pod is not.
  if (mode === 'killed') await removeObject(client, oldest);
  await delay(CALM_MS); // the kubelet's word of the death must have come before the condition is asked for
  await pipeline.becomes('Ready', 'Running', LONGEST_RECOVERY_MS);
  await delay(2 * CALM_MS);
  await upToDate(waits);
  return { waitMs, joinMs: waits.takeLongestMs() };
}

async function upToDate(waits: ResultWaits): Promise<void> {
  const nowMs = clockMs();
  await until('results are up to date', () => waits.haveAllSince(nowMs + CALM_MS), LONGEST_RECOVERY_MS);
}
