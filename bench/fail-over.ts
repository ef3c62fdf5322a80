/** `npm run bench:fail-over`: how long a result is waited for when a worker ends. HELP says what and how. */
import { setTimeout as delay } from 'node:timers/promises';
import { createTopics } from '../test/support/topics.ts';
import { until } from '../test/support/until.ts';
import { evict, type Evictor } from './support/eviction.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { clockMs, LiveMarket } from './support/live-market.ts';
import { modesIn } from './support/modes.ts';
import { percentiles, percentilesText, type Percentiles } from './support/percentiles.ts';
import { report } from './support/report.ts';
import { ResultWaits } from './support/result-waits.ts';
import { withServers, type Servers } from './support/servers.ts';
import { verifyResults } from './support/verify-results.ts';
import type { WindowedJob } from './support/windowed-job.ts';
import { Worker } from './support/worker.ts';

const HELP = `
Two aggregators share four partitions of live trades; one ends and the other takes over. Windows of 1 s
every 100 ms, watermark delay 0, so that a gap in the results is seen to 100 ms. Told is the longest that any result
took from its window's end until it was visible under read_committed, end by end: when it is asked to end (SIGTERM)
and hands over in order, as in a rollout; when it is killed (SIGKILL) and a running process removes it from its group
at once, as an operator does that sees a pod die; when \`tidemark evict\` does, its own start included; and when the
group notices after its session time-out of 6 s.
Then a new worker joins, and the partitions that it is given move in order: the longest wait of that is told too.
All results of each mode are read with Kafka's own consumer and compared, window by window, with a recomputation.

  npm run bench:fail-over
  npm run bench:fail-over -- --kills 5 --mode operator

  --kills N         in each mode, 20 if left out
  --rate N          trades per second, 2000 if left out
  --mode MODE       in-order, operator, command or time-out; all four if left out`;

const PARTITIONS = 4;
const SYMBOLS = 100;
const WINDOW = { sizeMs: 1_000, slideMs: 100, delayMs: 0 };
const MODES: readonly Mode[] = ['in-order', 'operator', 'command', 'time-out'];
const MODE_NAMES: Readonly<Record<Mode, string>> = {
  'in-order': 'SIGTERM, hands over in order',
  operator: 'killed, evicted by a running process',
  command: 'killed, evicted by tidemark evict',
  'time-out': 'killed, session time-out of 6 s',
};
/** The other worker has 6 s of session time-out and as much again to do its work. */
const LONGEST_RECOVERY_MS = 60_000;
/** Results of windows that ended so long after a kill show that it is over. */
const CALM_MS = 500;

type Mode = Evictor | 'in-order' | 'time-out';

/** One kill. */
interface FailOver {
  readonly waitMs: number;
  readonly joinWaitMs: number;
  /** How long the removal from the group took. */
  readonly evictMs: number | undefined;
  /** Of the worker that stayed, per partition; from metrics. */
  readonly takeOverMs: number;
  readonly replayedRecords: number;
}

interface Figures {
  readonly mode: Mode;
  readonly wait: Percentiles;
  readonly join: Percentiles;
  readonly evict: Percentiles | undefined;
  readonly takeOver: Percentiles;
  readonly replayedRecords: number;
  readonly windows: number;
}

const COLUMNS = [
  { title: 'one of two ends', text: ({ mode }: Figures) => MODE_NAMES[mode] },
  { title: 'times', text: ({ wait }: Figures) => String(wait.count) },
  { title: 'longest wait, ms: p50 / p99 / max', text: ({ wait }: Figures) => percentilesText(wait) },
  { title: 'eviction', text: ({ evict }: Figures) => (evict === undefined ? '–' : percentilesText(evict)) },
  { title: 'take-over of a partition', text: ({ takeOver }: Figures) => percentilesText(takeOver) },
  { title: 'replayed records', text: ({ replayedRecords }: Figures) => replayedRecords.toLocaleString('en') },
  { title: 'longest wait when one joins', text: ({ join }: Figures) => percentilesText(join) },
  { title: 'windows, all right', text: ({ windows }: Figures) => windows.toLocaleString('en') },
];

const { flags, form } = benchmarkFlags(
  {
    kills: { type: 'string', default: '20' },
    rate: { type: 'string', default: '2000' },
    mode: { type: 'string', default: '' },
  },
  HELP,
);
const kills = count('kills', flags.kills);
const perSecond = count('rate', flags.rate);
const modes = modesIn(MODES, flags.mode);
await reportFailure(() =>
  withServers(async (servers) => {
    const figures: Figures[] = [];
    for (const mode of modes) figures.push(await failOvers(mode, servers));
    report(form, `Fail-over at ${perSecond.toLocaleString('en')} trades/s`, COLUMNS, figures);
  }),
);

async function failOvers(mode: Mode, { brokers, redisUrl }: Servers): Promise<Figures> {
  const name = `fail-over-${mode}`;
  const job: WindowedJob = { name, brokers, input: `${name}-stocks`, output: `${name}-averages`, ...WINDOW };
  await createTopics(brokers, { [job.input]: PARTITIONS, [job.output]: PARTITIONS });
  const waits = new ResultWaits(job, PARTITIONS, SYMBOLS);
  const market = new LiveMarket(job, { symbols: SYMBOLS, perSecond, partitions: PARTITIONS });
  let started = 0;
  const newWorker = (): Worker => new Worker(job, redisUrl, `pod-${++started}`);
  const workers = [newWorker(), newWorker()];
  try {
    await waits.start();
    await market.start();
    await calm(waits, workers);
    const runs: FailOver[] = [];
    while (runs.length < kills) {
      runs.push(await failOver(mode, job, workers, newWorker, waits));
      console.error(`${mode}, kill ${runs.length}: ${JSON.stringify(runs.at(-1))}`);
    }
    const { windows } = await market.stop();
    await until('all results are written', () => waits.seen >= windows.size, LONGEST_RECOVERY_MS);
    for (const worker of workers) await worker.job.end('SIGTERM');
    await verifyResults(brokers, job.output, WINDOW.sizeMs, windows, 'exact');
    return figuresOf(mode, runs, windows.size);
  } finally {
    for (const worker of workers) await worker.job.end('SIGKILL');
    await market.close();
    await waits.stop();
  }
}

/** Ends the worker that is older, waits until the results of all symbols come again, and lets a new one join. */
async function failOver(
  mode: Mode,
  job: WindowedJob,
  workers: Worker[],
  newWorker: () => Worker,
  waits: ResultWaits,
): Promise<FailOver> {
  await delay(1_000 + Math.random() * 1_000); // kills come at any time between two results and two checkpoints
  const [killed, staying] = workers;
  const before = await staying.takeOvers();
  waits.takeLongestMs();
  const killedMs = clockMs();
  await killed.job.end(mode === 'in-order' ? 'SIGTERM' : 'SIGKILL');
  const isEvicted = mode === 'operator' || mode === 'command';
  const evictMs = isEvicted ? await evict(mode, job, killed.instance) : undefined;
  await until(
    'the other worker has taken over',
    () => waits.haveAllSince(killedMs + CALM_MS),
    LONGEST_RECOVERY_MS,
  );
  const waitMs = waits.takeLongestMs();
  const after = await staying.takeOvers();

  workers.splice(0, 1);
  workers.push(newWorker());
  await calm(waits, workers);
  return {
    waitMs,
    joinWaitMs: waits.takeLongestMs(),
    evictMs,
    takeOverMs: ((after.seconds - before.seconds) * 1000) / (after.count - before.count),
    replayedRecords: after.replayedRecords - before.replayedRecords,
  };
}

/** Both workers process partitions, all of them, and the results are up to date. */
async function calm(waits: ResultWaits, workers: readonly Worker[]): Promise<void> {
  const isShared = (): boolean =>
    workers.every(({ processed }) => processed.length === PARTITIONS / workers.length);
  await until('the workers share the partitions', isShared, LONGEST_RECOVERY_MS);
  const sharedMs = clockMs();
  await until('results are up to date', () => waits.haveAllSince(sharedMs + CALM_MS), LONGEST_RECOVERY_MS);
}

function figuresOf(mode: Mode, runs: readonly FailOver[], windows: number): Figures {
  const evictions = runs.flatMap(({ evictMs }) => evictMs ?? []);
  return {
    mode,
    wait: percentiles(runs.map(({ waitMs }) => waitMs)),
    join: percentiles(runs.map(({ joinWaitMs }) => joinWaitMs)),
    evict: evictions.length > 0 ? percentiles(evictions) : undefined,
    takeOver: percentiles(runs.map(({ takeOverMs }) => takeOverMs)),
    replayedRecords: runs.reduce((sum, { replayedRecords }) => sum + replayedRecords, 0),
    windows,
  };
}
