/** `npm run bench:idle`: how soon an aggregator is ready, and what it costs when nothing happens. */
import { setTimeout as delay } from 'node:timers/promises';
import { createTopics } from '../test/support/topics.ts';
import { until } from '../test/support/until.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { Job } from './support/job.ts';
import { report } from './support/report.ts';
import { withServers, type Servers } from './support/servers.ts';
import { spread, spreadText, type Spread } from './support/spread.ts';
import { logged, tidemarkJob } from './support/tidemark-job.ts';

const HELP = `
One aggregator on an empty topic of four partitions. Start-up is from the start of the process until it processes its
last partition, by its own log, with the CPU time until then; after 5 s of rest, its share of a core over 20 s and its memory.

  npm run bench:idle
  npm run bench:idle -- --rounds 1 --seconds 60
  npm run build && npm run bench:idle -- --built

  --seconds N       how long to measure, 20 if left out
  --rounds N        3 if left out
  --built           the bundle in dist/, which pods run; else src/, from Node's cache of what it has compiled before`;

const PARTITIONS = 4;
const REST_MS = 5_000;

interface Idling {
  readonly startUpSeconds: number;
  readonly startUpCpuSeconds: number;
  readonly cpuShare: number;
  readonly residentMb: number;
}

interface Figures {
  readonly startUpSeconds: Spread;
  readonly startUpCpuSeconds: Spread;
  readonly cpuShare: Spread;
  readonly residentMb: Spread;
}

const COLUMNS = [
  {
    title: 'start-up, s',
    text: (figures: Figures) => spreadText(figures.startUpSeconds, (s) => s.toFixed(2)),
  },
  {
    title: 'start-up, CPU s',
    text: (figures: Figures) => spreadText(figures.startUpCpuSeconds, (s) => s.toFixed(2)),
  },
  {
    title: 'share of a core, idle',
    text: (figures: Figures) => spreadText(figures.cpuShare, (share) => `${(100 * share).toFixed(1)} %`),
  },
  { title: 'memory, MB', text: (figures: Figures) => spreadText(figures.residentMb, (mb) => mb.toFixed(0)) },
];

const { flags, form } = benchmarkFlags(
  {
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    built: { type: 'boolean', default: false },
  },
  HELP,
);
const measuredMs = count('seconds', flags.seconds) * 1000;
const rounds = count('rounds', flags.rounds);
await reportFailure(() => withServers(idle));

async function idle(servers: Servers): Promise<void> {
  await createTopics(servers.brokers, { stocks: PARTITIONS, averages: PARTITIONS });
  const runs: Idling[] = [];
  for (let round = 1; round <= rounds; round++) runs.push(await idling(`idle-${round}`, servers));
  report(form, 'Start-up and idling', COLUMNS, [
    {
      startUpSeconds: spread(runs.map(({ startUpSeconds }) => startUpSeconds)),
      startUpCpuSeconds: spread(runs.map(({ startUpCpuSeconds }) => startUpCpuSeconds)),
      cpuShare: spread(runs.map(({ cpuShare }) => cpuShare)),
      residentMb: spread(runs.map(({ residentMb }) => residentMb)),
    },
  ]);
}

async function idling(name: string, { brokers, redisUrl }: Servers): Promise<Idling> {
  const window = { sizeMs: 3_000, slideMs: 1_000, delayMs: 5_000 };
  const startedMs = Date.now();
  const job = new Job(
    tidemarkJob({ name, brokers, input: 'stocks', output: 'averages', ...window }, redisUrl, {
      built: flags.built,
    }),
  );
  try {
    const processing = await Promise.race([
      until('every partition is processed', () => {
        const lines = logged(job).filter(({ state }) => state === 'processing');
        return lines.length === PARTITIONS && lines;
      }),
      job.failed,
    ]);
    const { cpuSeconds: startUpCpuSeconds } = job.cost;
    await Promise.race([delay(REST_MS), job.failed]);
    const before = job.cost;
    await Promise.race([delay(measuredMs), job.failed]);
    const { cpuSeconds, residentMb } = job.cost;
    const code = await job.end('SIGTERM');
    if (code !== 0) throw new Error(`The aggregator ended with ${String(code)}:\n${job.log}`);
    return {
      startUpSeconds: (Math.max(...processing.map(({ time }) => time)) - startedMs) / 1000,
      startUpCpuSeconds,
      cpuShare: ((cpuSeconds - before.cpuSeconds) * 1000) / measuredMs,
      residentMb,
    };
  } finally {
    await job.end('SIGKILL');
  }
}
