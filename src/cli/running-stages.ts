import type { Logger } from 'pino';
import type { AggregatorMetrics } from '../http/aggregator-metrics.ts';
import { RekeyMetrics } from '../http/rekey-metrics.ts';
import { AggregatorGroup, type GroupOptions } from '../kafka/aggregator-group.ts';
import { Aggregator } from '../pipeline/aggregator.ts';
import type { CheckpointStore } from '../pipeline/checkpoint.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { TakeOver } from '../pipeline/partition-work.ts';
import { rekeyStage } from '../pipeline/rekey-stage.ts';
import { resultJson } from '../pipeline/result-json.ts';
import type { SchemaSource } from '../pipeline/schema-source.ts';
import type { SymbolPlaces } from '../pipeline/symbol-places.ts';
import type { TaskObserver } from '../pipeline/task-observer.ts';
import { windowStage } from '../pipeline/window-stage.ts';
import { MOST_REKEYED_PARTITIONS } from '../resource/kafka-names.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { stagesOf, type Stage } from './pipeline-topics.ts';
import { codecOptions } from './run-input.ts';

export interface StagesOptions {
  readonly pipeline: Pipeline;
  readonly kafka: Pick<GroupOptions, 'kafka' | 'connection' | 'instance'>;
  readonly checkpoints: CheckpointStore;
  readonly places: SymbolPlaces;
  /** Where the schemas of the input's records come from; undefined where they name none. */
  readonly schemas: SchemaSource | undefined;
  readonly metrics: AggregatorMetrics;
  readonly logger: Logger;
  /** The process cannot go on. */
  readonly onFatal: (error: unknown) => void;
}

interface RunningStage {
  /** For messages; empty where it is the only one. */
  readonly name: string;
  readonly group: AggregatorGroup;
  readonly aggregator: Aggregator;
}

/** The stages of a pipeline in this process, each with its member of a group and its partitions. */
export class RunningStages {
  readonly #options: StagesOptions;
  readonly #rekey: RunningStage | undefined;
  readonly #windows: RunningStage;
  /** Of a re-keyed input: how many partitions it has. */
  readonly #sources = Promise.withResolvers<number>();

  constructor(options: StagesOptions) {
    const { pipeline, metrics, logger } = options;
    const { rekey, windows } = stagesOf(pipeline);
    this.#options = options;
    this.#rekey = rekey && this.#rekeying(rekey, new RekeyMetrics(metrics));
    this.#windows = this.#computing(windows, this.#rekey !== undefined);
    if (this.#rekey !== undefined && pipeline.idleAfterMs === undefined) {
      const advice = 'a partition without trades holds all windows up: set spec.watermark.idleAfter';
      logger.warn({ topic: rekey?.topic }, advice);
    }
  }

  /** Joins the groups. Throws what `AggregatorGroup.start` throws, or REKEY_TOO_MANY_PARTITIONS. */
  async start(): Promise<void> {
    if (this.#rekey === undefined) {
      await this.#windows.group.start(this.#windows.aggregator);
      return;
    }
    const partitions = await this.#rekey.group.connect();
    if (partitions > MOST_REKEYED_PARTITIONS) throw tooManyPartitions(partitions);
    this.#sources.resolve(partitions);
    await Promise.all([
      this.#rekey.group.join(this.#rekey.aggregator),
      this.#windows.group.start(this.#windows.aggregator),
    ]);
  }

  async tick(): Promise<void> {
    await Promise.all(this.#all.map(({ aggregator }) => aggregator.tick()));
  }

  /** What keeps this process from its work. */
  get obstacles(): Obstacle[] {
    return this.#all.flatMap(obstaclesOf);
  }

  async handOver(): Promise<void> {
    await Promise.all(this.#all.map(({ aggregator }) => aggregator.handOver()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(({ group }) => group.stop()));
  }

  /** What ended the aggregator, in our words. A right that was taken away is found by the stage that lacks it. */
  async explained(error: unknown): Promise<TidemarkError> {
    const [first, ...others] = this.#all.map(({ group }) => group);
    let found = await first.explained(error);
    for (const group of others)
      if (found.code === 'KAFKA_ACCESS_DENIED') found = await group.explained(found);
    return found;
  }

  get #all(): RunningStage[] {
    return this.#rekey === undefined ? [this.#windows] : [this.#rekey, this.#windows];
  }

  #rekeying(stage: Stage, observer: TaskObserver): RunningStage {
    const { pipeline, schemas } = this.#options;
    const { windows, delayMs } = pipeline;
    const codec = { ...codecOptions(pipeline), schemas };
    const group = this.#groupOf(stage);
    const logger = this.#options.logger.child({ stage: 'rekey' });
    const takeOver = rekeyStage({
      ...{ topic: stage.topic, codec, windows, delayMs },
      ...{ log: group, observer, logger, nowMs },
    });
    const aggregator = this.#aggregatorOf(group, takeOver, observer, pipeline.idleAfterMs, logger);
    return { name: 're-keying ', group, aggregator };
  }

  /** Of re-keyed trades the stage before knows when they are idle, and tells. */
  #computing(stage: Stage, isRekeyed: boolean): RunningStage {
    const { pipeline, checkpoints, schemas, metrics, logger } = this.#options;
    const places = isRekeyed ? undefined : this.#options.places;
    const group = this.#groupOf(stage);
    const resultValue = resultJson(pipeline.output.measures, pipeline.emit === 'update');
    const codec = { ...codecOptions(pipeline), schemas };
    const windows = windowOptions(pipeline);
    const takeOver: TakeOver = async (partition, listener) => {
      const state = isRekeyed
        ? { windows: { ...windows, watermark: 'told' as const }, codec, sources: await this.#sources.promise }
        : { windows, codec };
      const options = { topic: stage.topic, state, log: group, checkpoints, places, resultValue };
      return windowStage({ ...options, observer: metrics, logger, nowMs })(partition, listener);
    };
    const idleAfterMs = isRekeyed ? undefined : pipeline.idleAfterMs;
    return { name: '', group, aggregator: this.#aggregatorOf(group, takeOver, metrics, idleAfterMs, logger) };
  }

  #groupOf({ groupId, topic, records, outputs }: Stage): AggregatorGroup {
    const { kafka, onFatal } = this.#options;
    return new AggregatorGroup({ ...kafka, groupId, topic, records, outputs, onCrash: onFatal });
  }

  #aggregatorOf(
    log: AggregatorGroup,
    takeOver: TakeOver,
    observer: TaskObserver,
    idleAfterMs: number | undefined,
    logger: Logger,
  ): Aggregator {
    const { schemas, onFatal } = this.#options;
    return new Aggregator({
      ...{ takeOver, idleAfterMs, log, schemas, observer, logger, onFatal, nowMs },
      random: Math.random,
    });
  }
}

/** Ready: the group has said what is ours, and none of it waits after an error. */
function obstaclesOf({ name, aggregator }: RunningStage): Obstacle[] {
  if (!aggregator.hasJoined)
    return [{ part: `${name}group`, reason: 'has not joined the consumer group yet' }];
  return [...aggregator.states].flatMap(([partition, state]) =>
    state === 'waiting'
      ? [{ part: `${name}partition ${partition}`, reason: 'an error is being retried; the log says which' }]
      : [],
  );
}

function windowOptions(pipeline: Pipeline) {
  const { windows, delayMs, emit } = pipeline;
  const { priceDecimals, quantityDecimals, withQuantity } = codecOptions(pipeline);
  const scale = { ticksPerPrice: 10 ** priceDecimals, unitsPerShare: 10 ** quantityDecimals, withQuantity };
  return { windows, delayMs, emit, scale };
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function tooManyPartitions(partitions: number): TidemarkError {
  return new TidemarkError(
    'REKEY_TOO_MANY_PARTITIONS',
    `The input has ${partitions} partitions; at most ${MOST_REKEYED_PARTITIONS} can be re-keyed.`,
    'Have the producers key their records by symbol, and leave input.rekey out.',
    { exitCode: EXIT.usage },
  );
}
