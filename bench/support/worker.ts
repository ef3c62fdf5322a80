import { until } from '../../test/support/until.ts';
import { Job } from './job.ts';
import { logged, tidemarkJob } from './tidemark-job.ts';
import type { WindowedJob } from './windowed-job.ts';

/** Take-overs of partitions that a worker has made so far, as its metrics tell. */
export interface TakeOvers {
  readonly count: number;
  readonly seconds: number;
  readonly replayedRecords: number;
}

/** One of several aggregators of a pipeline, with its name in the group and its metrics. */
export class Worker {
  readonly instance: string;
  readonly job: Job;

  constructor(pipeline: WindowedJob, redisUrl: string, instance: string) {
    this.instance = instance;
    this.job = new Job(tidemarkJob(pipeline, redisUrl, { instance }));
  }

  /** Partitions that it processes now, by its log. */
  get processed(): number[] {
    const states = new Map<number, string>();
    for (const { partition, state } of logged(this.job)) {
      if (partition !== undefined && state !== undefined) states.set(partition, state);
    }
    return [...states].filter(([, state]) => state === 'processing').map(([partition]) => partition);
  }

  async takeOvers(): Promise<TakeOvers> {
    const port = await until(
      'the metrics are served',
      () => logged(this.job).find((line) => line.port)?.port,
    );
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const value = (metric: string): number =>
      Number(new RegExp(`^${metric} (.*)$`, 'm').exec(page)?.[1] ?? 0);
    return {
      count: value('tidemark_take_over_seconds_count'),
      seconds: value('tidemark_take_over_seconds_sum'),
      replayedRecords: value('tidemark_replayed_records_total'),
    };
  }
}
