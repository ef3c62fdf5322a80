import { hostname } from 'node:os';
import { pino } from 'pino';
import { AggregatorMetrics } from '../http/aggregator-metrics.ts';
import { openHttpServer } from '../http/http-server.ts';
import { AggregatorGroup } from '../kafka/aggregator-group.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { Aggregator } from '../pipeline/aggregator.ts';
import type { CheckpointStore } from '../pipeline/checkpoint.ts';
import type { Obstacle } from '../pipeline/health.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { memoryCheckpointStore } from '../pipeline/memory-checkpoint-store.ts';
import { resultJson } from '../pipeline/result-json.ts';
import { redisCheckpointStore } from '../redis/redis-checkpoint-store.ts';
import { parsePipelineFile } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { groupIdOf } from './group-id.ts';
import { httpPortOf } from './http-port.ts';
import { onInterrupt } from './interrupt.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { codecOptions } from './run-input.ts';

/** What the pod's environment says beside the pipeline file. */
interface Surroundings {
  readonly brokers: string[];
  readonly redisUrl: string | undefined;
  readonly instance: string;
  readonly httpPort: number;
}

/** The process that a pod runs, until SIGTERM; then it hands over. Returns the code to exit with. */
export async function aggregate(file: string | undefined): Promise<number> {
  if (file === undefined) {
    throw usage('no pipeline file is named', 'Give --pipeline FILE, or set TIDEMARK_PIPELINE.');
  }
  const pipeline = parsePipelineFile(await readPipelineFile(file), { fileName: file });
  const { topic, output } = topicsOf(pipeline);
  const { brokers, redisUrl, instance, httpPort } = surroundingsOf(pipeline);
  const logger = pino({ name: 'tidemark', base: { instance } }, pino.destination({ dest: 2, sync: true }));
  const interrupt = onInterrupt();
  const fatal = Promise.withResolvers<never>();
  const groupId = groupIdOf(pipeline.name);
  const metrics = new AggregatorMetrics();
  const checkpoints = checkpointStore(pipeline, redisUrl, logger, metrics);
  const group = new AggregatorGroup({
    kafka: kafkaClient({ brokers, clientId: instance, logger }),
    groupId,
    topic,
    outputs: { results: output, late: topicOf(pipeline.late), deadLetters: topicOf(pipeline.deadLetters) },
    onCrash: fatal.reject,
  });
  const aggregator = new Aggregator({
    pipeline: pipeline.name,
    topic,
    state: { windows: windowOptions(pipeline), codec: codecOptions(pipeline) },
    idleAfterMs: pipeline.idleAfterMs,
    log: group,
    checkpoints,
    resultValue: resultJson(pipeline.output.measures, pipeline.emit === 'update'),
    observer: metrics,
    logger,
    onFatal: fatal.reject,
    nowMs: () => performance.timeOrigin + performance.now(),
    random: Math.random,
  });
  const http = await openHttpServer({
    port: httpPort,
    health: () => obstaclesOf(aggregator),
    metrics: metrics.registry,
  });
  logger.info({ port: http.port }, 'health and metrics');
  const ticking = setInterval(() => void aggregator.tick(), TICK_MS);
  try {
    // A failure may come while the group is being joined, and so may SIGTERM.
    await Promise.race([group.start(aggregator).then(() => aborted(interrupt.signal)), fatal.promise]);
    await aggregator.handOver();
  } finally {
    clearInterval(ticking);
    interrupt.release();
    await group.stop();
    await checkpoints.close();
    await http.close();
  }
  return EXIT.ok;
}

function topicsOf({ input, output }: Pipeline): { topic: string; output: string } {
  if (input.source?.kind !== 'topic' || output.destination?.kind !== 'topic') {
    throw usage(
      'an aggregator reads a Kafka topic and writes another, and the pipeline names other places',
      'Set spec.input.topic and spec.output.topic; for files and sockets there is tidemark run.',
    );
  }
  return { topic: input.source.topic, output: output.destination.topic };
}

function topicOf(destination: Pipeline['late']): string | undefined {
  return destination?.kind === 'topic' ? destination.topic : undefined;
}

function surroundingsOf(pipeline: Pipeline): Surroundings {
  const fromFile = pipeline.kafka?.brokers;
  const inFile = fromFile?.kind === 'servers' ? fromFile.addresses.join(',') : undefined;
  const brokers = process.env.TIDEMARK_KAFKA_BROKERS ?? inFile;
  if (brokers === undefined) {
    throw usage(
      'no Kafka brokers are named',
      'Set spec.kafka.bootstrapServers, or TIDEMARK_KAFKA_BROKERS=host:port,host:port.',
    );
  }
  return {
    brokers: brokers.split(',').map((each) => each.trim()),
    redisUrl: process.env.TIDEMARK_REDIS_URL ?? pipeline.redis?.url,
    instance: process.env.TIDEMARK_INSTANCE ?? hostname(),
    httpPort: httpPortOf(process.env.TIDEMARK_HTTP_PORT),
  };
}

/** Ready: the group has said what is ours, and none of it waits after an error. Redis is no obstacle. */
function obstaclesOf(aggregator: Aggregator): Obstacle[] {
  if (!aggregator.hasJoined) return [{ part: 'group', reason: 'has not joined the consumer group yet' }];
  return [...aggregator.states].flatMap(([partition, state]) =>
    state === 'waiting'
      ? [{ part: `partition ${partition}`, reason: 'an error is being retried; the log says which' }]
      : [],
  );
}

function windowOptions(pipeline: Pipeline) {
  const { windows, delayMs, emit } = pipeline;
  const { priceDecimals, quantityDecimals, withQuantity } = codecOptions(pipeline);
  const scale = { ticksPerPrice: 10 ** priceDecimals, unitsPerShare: 10 ** quantityDecimals, withQuantity };
  return { windows, delayMs, emit, scale };
}

/** Without Redis a partition that moves is replayed from Kafka: slower, and as exact. */
function checkpointStore(
  pipeline: Pipeline,
  redisUrl: string | undefined,
  logger: pino.Logger,
  observer: AggregatorMetrics,
): CheckpointStore {
  if (redisUrl === undefined) return memoryCheckpointStore();
  const url = new URL(redisUrl);
  const login = { username: decoded(url.username), password: decoded(url.password) };
  url.username = '';
  url.password = '';
  return redisCheckpointStore({
    url: url.href,
    ...login,
    pipeline: pipeline.name,
    ttlMs: CHECKPOINT_TTL_MS,
    timeoutMs: REDIS_TIMEOUT_MS,
    logger,
    observer,
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

function usage(message: string, remedy: string): TidemarkError {
  return new TidemarkError('AGGREGATOR_USAGE', message, remedy, { exitCode: EXIT.usage });
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}

const TICK_MS = 50;
const REDIS_TIMEOUT_MS = 1_000;
/** A pipeline that was deleted leaves nothing behind for longer. */
const CHECKPOINT_TTL_MS = 7 * 86_400_000;
