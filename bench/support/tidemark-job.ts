import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job, JobCommand } from './job.ts';
import type { WindowedJob } from './windowed-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

/**
 * `tidemark aggregator`, as a pod runs it, with Redis for its checkpoints. `profileFolder` gets a CPU profile; `built`:
 * not src/ as it stands, but the bundle of `npm run build`.
 */
export function tidemarkJob(
  job: WindowedJob,
  redisUrl: string,
  { instance = 'pod-0', profileFolder = '', built = false } = {},
): JobCommand {
  const file = join(folder, `${job.name}.yaml`);
  writeFileSync(file, pipelineFile(job));
  const program = built ? '../../dist/program/main.js' : '../../bin/tidemark.js';
  const cli = fileURLToPath(new URL(program, import.meta.url));
  const profile = profileFolder === '' ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
  return {
    command: process.execPath,
    args: [...AS_THE_IMAGE, ...profile, cli, 'aggregator', '--pipeline', file],
    env: {
      TIDEMARK_KAFKA_BROKERS: job.brokers.join(','),
      TIDEMARK_REDIS_URL: redisUrl,
      TIDEMARK_INSTANCE: instance,
      TIDEMARK_HTTP_PORT: '0',
    },
  };
}

/** A line of an aggregator's log, as far as benchmarks look at it. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly msg: string;
  readonly partition?: number;
  readonly state?: string;
  readonly port?: number;
}

/** What an aggregator has logged so far, the line that it is writing left out. */
export function logged(job: Job): LogLine[] {
  return job.log
    .slice(0, job.log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

/** A small young generation: trades leave no objects behind, and what fetches leave is freed sooner. */
const AS_THE_IMAGE = ['--max-semi-space-size=4'];

function pipelineFile({ name, input, output, sizeMs, slideMs, delayMs }: WindowedJob): string {
  return `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${name} }
spec:
  input: { topic: ${input}, priceDecimals: 2 }
  output: { topic: ${output} }
  windows: [ { size: ${sizeMs}ms, slide: ${slideMs}ms } ]
  watermark: { delay: ${delayMs}ms }
`;
}
