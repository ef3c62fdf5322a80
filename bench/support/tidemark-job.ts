import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobCommand } from './job.ts';
import type { WindowedJob } from './windowed-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

/** `tidemark aggregator`, as a pod runs it, with Redis for its checkpoints. `profileFolder` gets a CPU profile. */
export function tidemarkJob(
  job: WindowedJob,
  redisUrl: string,
  { instance = 'pod-0', profileFolder = '' } = {},
): JobCommand {
  const file = join(folder, `${job.name}.yaml`);
  writeFileSync(file, pipelineFile(job));
  const cli = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
  const profile = profileFolder === '' ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
  return {
    command: process.execPath,
    args: [...profile, cli, 'aggregator', '--pipeline', file],
    env: {
      TIDEMARK_KAFKA_BROKERS: job.brokers.join(','),
      TIDEMARK_REDIS_URL: redisUrl,
      TIDEMARK_INSTANCE: instance,
      TIDEMARK_HTTP_PORT: '0',
    },
  };
}

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
