/** `npm run bench:burst`: a burst of trades on a cluster, and what the autoscaler makes of it. HELP says what and how. */
import { until } from '../test/support/until.ts';
import { withAdmin } from '../test/support/topics.ts';
import { BurstWatch, replicaSteps, type Sight } from './support/burst-watch.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { clockMs } from './support/live-market.ts';
import { withLivePipeline } from './support/live-pipeline.ts';
import { withOperators, type OperatorNamespace } from './support/operator-namespace.ts';
import { report } from './support/report.ts';

const HELP = `
A pipeline with spec.scaling on the cluster of KUBECONFIG, with operators in pods as the manifests install them, a real
Kafka and a real Redis. Each aggregator may use a small part of a core, so that a burst which a small machine can write
is more than one can fold. Trades come slowly, then for a while as a burst, then slowly again, until the autoscaler has
taken the added aggregators away (it waits ten minutes). Told is when it went up, counted in its own periods, when the
backlog was gone, each change of the number of aggregators, and the longest that a result was waited for. All results
are compared, window by window, with a recomputation.

  KUBECONFIG=... TIDEMARK_E2E_IMAGE=tidemark:0.1.0 npm run bench:burst
  npm run bench:burst -- --burst 150000 --cpu 200 --period 15

  --burst N         trades per second in the burst, 100000 if left out
  --burst-for S     seconds, 60 if left out
  --calm N          trades per second before and after, 1000 if left out
  --cpu M           thousandths of a core that an aggregator may use, 100 if left out
  --catch-up S      spec.scaling.catchUpWithin in seconds, 60 if left out
  --period S        how often the cluster's autoscaler looks, in seconds: 15 unless its controller manager was told
                    otherwise; only for the figure in periods`;

const PARTITIONS = 8;
const SYMBOLS = 96;
const WINDOW = { sizeMs: 3_000, slideMs: 1_000, delayMs: 2_000 };
const MOST_REPLICAS = 8;
const CALM_FOR_MS = 30_000;
const LONGEST_START_MS = 180_000;
/** The autoscaler's ten minutes, a step a minute, and time to spare. */
const LONGEST_WAY_DOWN_MS = 20 * 60_000;
/** What waits when all that is there is being worked on. */
const CAUGHT_UP_SECONDS = 1;

interface Figures {
  readonly trades: number;
  readonly upAfterMs: number;
  readonly periods: number;
  readonly mostReplicas: number;
  readonly readyAfterMs: number;
  readonly mostLag: number;
  readonly caughtUpAfterReadyMs: number;
  readonly steps: readonly number[];
  readonly longestWaitMs: number;
  readonly windows: number;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const COLUMNS = [
  { title: 'trades', text: ({ trades }: Figures) => trades.toLocaleString('en') },
  {
    title: 'up after',
    text: ({ upAfterMs, periods }: Figures) => `${seconds(upAfterMs)}, ${periods.toFixed(1)} periods`,
  },
  { title: 'all ready after', text: ({ readyAfterMs }: Figures) => seconds(readyAfterMs) },
  { title: 'most waiting', text: ({ mostLag }: Figures) => mostLag.toLocaleString('en') },
  {
    title: 'caught up, once ready, in',
    text: ({ caughtUpAfterReadyMs }: Figures) => seconds(caughtUpAfterReadyMs),
  },
  { title: 'aggregators', text: ({ steps }: Figures) => steps.join(' → ') },
  { title: 'longest wait for a result', text: ({ longestWaitMs }: Figures) => seconds(longestWaitMs) },
  { title: 'windows, all right', text: ({ windows }: Figures) => windows.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    burst: { type: 'string', default: '100000' },
    'burst-for': { type: 'string', default: '60' },
    calm: { type: 'string', default: '1000' },
    cpu: { type: 'string', default: '100' },
    'catch-up': { type: 'string', default: '60' },
    period: { type: 'string', default: '15' },
  },
  HELP,
  'removes',
);
const burstPerSecond = count('burst', flags.burst);
const burstForMs = count('burst-for', flags['burst-for']) * 1000;
const calmPerSecond = count('calm', flags.calm);
const cpu = `${count('cpu', flags.cpu)}m`;
const catchUpSeconds = count('catch-up', flags['catch-up']);
const periodMs = count('period', flags.period) * 1000;

await reportFailure(() =>
  withOperators(
    async (there) => {
      const title = `From ${calmPerSecond.toLocaleString('en')} to ${burstPerSecond.toLocaleString('en')} trades/s and back, aggregators of ${cpu}, catchUpWithin ${catchUpSeconds} s`;
      report(form, title, COLUMNS, [await burst(there)]);
    },
    { requests: { cpu, memory: '96Mi' }, limits: { cpu, memory: '512Mi' } },
  ),
);

async function burst(there: OperatorNamespace): Promise<Figures> {
  const { client, namespace } = there;
  const scaling = { minReplicas: 1, maxReplicas: MOST_REPLICAS, catchUpWithin: `${catchUpSeconds}s` };
  const pace = { symbols: SYMBOLS, perSecond: calmPerSecond, partitions: PARTITIONS, inBulk: true };
  const options = { name: 'burst', window: WINDOW, spec: { scaling }, ...pace };
  return withLivePipeline(there, options, async ({ pipeline, job, market, waits, verified }) =>
    withAdmin(job.brokers, async (admin) => {
      const watch = new BurstWatch(client, namespace, pipeline, admin, job.input, tell());
      watch.start();
      try {
        await pipeline.becomes('ScalingActive', 'Following', LONGEST_START_MS);
        await passed(CALM_FOR_MS);
        waits.takeLongestMs();
        const seen = watch.sights.length;
        const burstMs = clockMs();
        market.changePace(burstPerSecond);
        await Promise.race([passed(burstForMs), market.failure]);
        market.changePace(calmPerSecond);
        const after = (): Sight[] => watch.sights.slice(seen);
        await until(
          'the number of aggregators is as before',
          () => after().some(({ replicas }) => replicas > 1) && after().at(-1)?.replicas === 1,
          LONGEST_WAY_DOWN_MS,
        );
        await passed(2 * periodMs); // one that oscillates goes up again
        const { windows, trades } = await verified();
        return { ...figuresOf(burstMs, after()), trades, longestWaitMs: waits.takeLongestMs(), windows };
      } finally {
        await watch.stop();
      }
    }),
  );
}

function figuresOf(burstMs: number, sights: readonly Sight[]) {
  const mostReplicas = Math.max(...sights.map(({ replicas }) => replicas));
  const firstOf = (what: string, isIt: (sight: Sight) => boolean, fromMs = burstMs): number => {
    const found = sights.find((sight) => sight.atMs >= fromMs && isIt(sight));
    if (found === undefined) throw new Error(`It was not seen that ${what}.`);
    return found.atMs;
  };
  const upMs = firstOf('the number of aggregators rose', ({ replicas }) => replicas > 1);
  const readyMs = firstOf('all were ready', ({ ready }) => ready === mostReplicas);
  const burstOverMs = burstMs + burstForMs;
  const caughtUpMs = firstOf(
    'the backlog was gone',
    ({ atMs, lag }) => lag <= CAUGHT_UP_SECONDS * (atMs < burstOverMs ? burstPerSecond : calmPerSecond),
    readyMs,
  );
  return {
    upAfterMs: upMs - burstMs,
    periods: (upMs - burstMs) / periodMs,
    mostReplicas,
    readyAfterMs: readyMs - burstMs,
    mostLag: Math.max(...sights.map(({ lag }) => lag)),
    caughtUpAfterReadyMs: caughtUpMs - readyMs,
    steps: replicaSteps(sights),
  };
}

/** Prints what has changed, now and then. */
function tell(): (sight: Sight) => void {
  const startMs = clockMs();
  let told = '';
  return ({ atMs, lag, replicas, ready, message }) => {
    const now = `${replicas} asked for, ${ready} ready; ${message}`;
    if (now === told) return;
    told = now;
    console.error(`${seconds(atMs - startMs)}: ${lag.toLocaleString('en')} wait; ${now}`);
  };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
