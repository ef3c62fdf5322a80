import { Job, type JobCommand } from './job.ts';
import { ResultWatch } from './result-watch.ts';

/** What a job needed from the start of its process to its last result. */
export interface JobRun {
  /** From the start of the process until the last result was visible under read_committed. */
  readonly seconds: number;
  readonly firstResultSeconds: number;
  /** Of the job's whole process tree up to the last result; the broker's is not in it. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

export interface JobOutput {
  readonly brokers: string[];
  readonly topic: string;
  readonly partitions: number;
  readonly results: number;
}

/** A job did not write all its results in the time that it was given. */
export class TooSlow extends Error {}

/** Starts a job, waits until as many results as expected are visible, and ends it. Throws TooSlow after `withinMs`. */
export async function runToLastResult(
  command: JobCommand,
  output: JobOutput,
  end: 'SIGTERM' | 'SIGKILL',
  withinMs: number,
): Promise<JobRun> {
  let firstMs = NaN;
  let seen = 0;
  const last = Promise.withResolvers<{ atMs: number; cpuSeconds: number; peakMb: number }>();
  let job: Job | undefined;
  const watch = new ResultWatch(output.brokers, output.topic, output.partitions, () => {
    if (seen === 0) firstMs = performance.now();
    seen++;
    if (seen === output.results && job !== undefined) last.resolve({ atMs: performance.now(), ...job.cost });
  });
  const { promise: tooLong, reject: giveUp } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    giveUp(
      new TooSlow(
        `${output.topic}: ${seen} of ${output.results} results after ${withinMs} ms\n${job?.log.slice(-2_000) ?? ''}`,
      ),
    );
  }, withinMs);
  try {
    await watch.start();
    job = new Job(command);
    const { atMs, cpuSeconds, peakMb } = await Promise.race([last.promise, job.failed, tooLong]);
    const code = await job.end(end);
    if (end === 'SIGTERM' && code !== 0)
      throw new Error(`${command.command} ended with ${String(code)}:\n${job.log.slice(-4_000)}`);
    return {
      seconds: (atMs - job.startedMs) / 1000,
      firstResultSeconds: (firstMs - job.startedMs) / 1000,
      cpuSeconds,
      peakMb,
    };
  } finally {
    clearTimeout(timer);
    await job?.end('SIGKILL');
    await watch.stop();
  }
}
