import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AggregatorProcess } from './aggregator-process.ts';
import { rekeyedTopicOf } from '../../src/resource/kafka-names.ts';
import { createTopics } from './topics.ts';
import { until } from './until.ts';

export interface FleetOptions {
  readonly brokers: string[];
  readonly redisUrl: string;
  /** For the pipeline file. */
  readonly folder: string;
  /** Of the pipeline and its input; the outputs are `<name>_averages`, `<name>_late` and `<name>_dead`. */
  readonly name: string;
  readonly partitions: number;
  readonly delay: string;
  readonly idleAfter: string;
  /** As the pipeline file has it. */
  readonly window?: string;
  /** Whether the input is not keyed by symbol: the topic between the stages is made too. */
  readonly rekey?: boolean;
}

/** The aggregators of one pipeline with windows of 3 s every second: real processes, as a Deployment runs them. */
export class Fleet {
  readonly name: string;
  /** Those that were started and neither killed nor stopped, the oldest first. */
  readonly instances: AggregatorProcess[] = [];
  readonly #options: FleetOptions;
  readonly #pipelineFile: string;
  #started = 0;

  private constructor(options: FleetOptions, pipelineFile: string) {
    this.name = options.name;
    this.#options = options;
    this.#pipelineFile = pipelineFile;
  }

  /** Creates the topics and writes the pipeline file; starts nothing yet. */
  static async create(options: FleetOptions): Promise<Fleet> {
    const { name, brokers, partitions, folder, rekey = false } = options;
    await createTopics(brokers, {
      [name]: partitions,
      [`${name}_averages`]: 4,
      [`${name}_late`]: 1,
      [`${name}_dead`]: 1,
      ...(rekey ? { [rekeyedTopicOf(name)]: partitions } : {}),
    });
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, pipelineText(options));
    return new Fleet(options, file);
  }

  start(count = 1, { brokers }: { brokers: string[] } = this.#options): AggregatorProcess[] {
    const { redisUrl, name } = this.#options;
    const started = Array.from(
      { length: count },
      () => new AggregatorProcess(this.#pipelineFile, `${name}-pod-${++this.#started}`, brokers, redisUrl),
    );
    this.instances.push(...started);
    return started;
  }

  /** Kills the oldest; returns it, dead. */
  async killOldest(): Promise<AggregatorProcess> {
    const [oldest] = this.instances.splice(0, 1);
    await oldest.end('SIGKILL');
    return oldest;
  }

  /** While `work` is under way, kills one every 3 s and starts another in its place; returns how many were killed. */
  async killUntil(work: Promise<unknown>): Promise<number> {
    const over = work.then(() => true);
    let kills = 0;
    for (; !(await Promise.race([over, delay(3_000, false)])); kills++) {
      await this.killOldest();
      this.start();
    }
    return kills;
  }

  /** As a Deployment scales: starts new ones, or ends the newest in order; an error if one does not end with 0. */
  async scaleTo(count: number): Promise<void> {
    if (count > this.instances.length) this.start(count - this.instances.length);
    await Promise.all(this.instances.splice(count).map((instance) => this.#stop(instance)));
  }

  /** Waits until every instance has joined the group, and those with partitions process them. */
  async processing(partitions = this.#options.partitions): Promise<void> {
    await until(`${this.name} processes ${partitions} partitions`, async () => {
      const pages = await Promise.all(this.instances.map((instance) => instance.page('metrics')));
      const owned = pages.map((page) => page.match(/state="processing"\} 1$/gm)?.length ?? 0);
      const fair = Math.floor(partitions / this.instances.length);
      return owned.every((own) => own >= fair) && owned.reduce((sum, own) => sum + own, 0) === partitions;
    });
  }

  /** Ends them without ceremony, for the end of a test. */
  async kill(): Promise<void> {
    await Promise.all(this.instances.splice(0).map((instance) => instance.end('SIGKILL')));
  }

  async #stop(instance: AggregatorProcess): Promise<void> {
    await until(`${instance.instance} runs`, () => instance.page('healthz')); // before that SIGTERM kills
    const code = await instance.end('SIGTERM');
    if (code !== 0) throw new Error(`${instance.instance} ended with ${String(code)}:\n${instance.log}`);
  }
}

function pipelineText({ name, delay, idleAfter, window, rekey = false }: FleetOptions): string {
  return `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${name} }
spec:
  input: { topic: ${name}, priceDecimals: 2, rekey: ${rekey} }
  output: { topic: ${name}_averages }
  late: { topic: ${name}_late }
  deadLetters: { topic: ${name}_dead }
  windows: [ ${window ?? '{ size: 3s, slide: 1s }'} ]
  watermark: { delay: ${delay}, idleAfter: ${idleAfter} }
`;
}
