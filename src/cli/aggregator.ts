import { hostname } from 'node:os';
import { pino } from 'pino';
import { AggregatorMetrics } from '../http/aggregator-metrics.ts';
import { openHttpServer } from '../http/http-server.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import type { CheckpointStore } from '../pipeline/checkpoint.ts';
import type { Obstacle } from '../pipeline/health.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { memoryCheckpointStore } from '../pipeline/memory-checkpoint-store.ts';
import { memorySymbolPlaces, type SymbolPlaces } from '../pipeline/symbol-places.ts';
import { redisCheckpointStore } from '../redis/redis-checkpoint-store.ts';
import { redisSymbolPlaces } from '../redis/redis-symbol-places.ts';
import { parsePipelineFile } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { kafkaConnection, redisWire, refuseMissingSecrets } from './connections.ts';
import { httpPortOf } from './http-port.ts';
import { onInterrupt } from './interrupt.ts';
import { within } from '../pipeline/within.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { RunningStages } from './running-stages.ts';
import { schemaSource } from './schema-source.ts';

/** What the pod's environment says beside the pipeline file. */
interface Surroundings {
  readonly instance: string;
  readonly httpPort: number;
}

/** The process that a pod runs, until SIGTERM; then it hands over. Returns the code to exit with. */
export async function aggregate(file: string | undefined): Promise<number> {
  if (file === undefined) {
    throw usage('no pipeline file is named', 'Give --pipeline FILE, or set TIDEMARK_PIPELINE.');
  }
  const pipeline = parsePipelineFile(await readPipelineFile(file), { fileName: file });
  const { instance, httpPort } = surroundings();
  refuseMissingSecrets(pipeline);
  const connection = kafkaConnection(pipeline.kafka);
  const level = process.env.TIDEMARK_LOG_LEVEL ?? 'info';
  const logger = pino(
    { name: 'tidemark', level, base: { instance } },
    pino.destination({ dest: 2, sync: true }),
  );
  const interrupt = onInterrupt();
  const fatal = Promise.withResolvers<never>();
  const metrics = new AggregatorMetrics();
  const { checkpoints, places } = warmStore(pipeline, logger, metrics);
  const schemas = await schemaSource(pipeline, logger);
  const stages = new RunningStages({
    pipeline,
    kafka: { kafka: kafkaClient({ ...connection, clientId: instance, logger }), connection, instance },
    checkpoints,
    schemas,
    places,
    metrics,
    logger,
    onFatal: fatal.reject,
  });
  const http = await openHttpServer({
    port: httpPort,
    health: () => [...stages.obstacles, ...obstaclesOf(checkpoints), ...(schemas?.obstacles ?? [])],
    metrics: metrics.registry,
  });
  logger.info({ port: http.port }, 'health and metrics');
  const ticking = setInterval(() => void stages.tick(), TICK_MS);
  const interrupted = aborted(interrupt.signal);
  try {
    // Both a failure and SIGTERM may come while the group is being joined.
    await Promise.race([stages.start().then(() => interrupted), interrupted, fatal.promise]);
    await within(HAND_OVER_WITHIN_MS, stages.handOver());
  } catch (error) {
    throw await stages.explained(error);
  } finally {
    clearInterval(ticking);
    interrupt.release();
    await stages.stop();
    await checkpoints.close();
    schemas?.close();
    await http.close();
    endWithoutStragglers();
  }
  return EXIT.ok;
}

/**
 * kafkajs's attempts to reach a broker cannot be called off, and one that succeeds after the client was closed leaves
 * a connection that nobody has: neither may keep a process that has done its work.
 */
function endWithoutStragglers(): void {
  setTimeout(() => process.exit(), STRAGGLERS_MS).unref();
}

function surroundings(): Surroundings {
  return {
    instance: process.env.TIDEMARK_INSTANCE ?? hostname(),
    httpPort: httpPortOf(process.env.TIDEMARK_HTTP_PORT),
  };
}

/** Redis is no obstacle, but told of. */
function obstaclesOf(checkpoints: CheckpointStore): Obstacle[] {
  return checkpoints.isHealthy ? [] : [REDIS_IS_AWAY];
}

const REDIS_IS_AWAY: Obstacle = {
  part: 'redis',
  reason: 'checkpoints are not saved, the log says why; a partition that moves now is read again from Kafka',
  degrades: true,
};

/**
 * Without Redis a partition that moves is replayed from Kafka: slower, and as exact; and of a symbol in two partitions
 * a process knows only if both are its own.
 */
function warmStore(
  pipeline: Pipeline,
  logger: pino.Logger,
  observer: AggregatorMetrics,
): { checkpoints: CheckpointStore; places: SymbolPlaces } {
  const wire = redisWire(pipeline.redis);
  if (wire === undefined) return { checkpoints: memoryCheckpointStore(), places: memorySymbolPlaces() };
  const checkpoints = redisCheckpointStore({
    ...wire,
    pipeline: pipeline.name,
    ttlMs: CHECKPOINT_TTL_MS,
    timeoutMs: REDIS_TIMEOUT_MS,
    logger,
    observer,
  });
  return { checkpoints, places: redisSymbolPlaces(checkpoints.connection, pipeline.name) };
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

const TICK_MS = 50;
/** A broker that hangs may hold the last transaction up; what is not committed the next owner does again. */
const HAND_OVER_WITHIN_MS = 4_000;
const STRAGGLERS_MS = 50;
/** A whole checkpoint of 10,000 symbols with 60 panes is 30 MB. A Redis that hangs holds a take-over up for as long. */
const REDIS_TIMEOUT_MS = 2_000;
/** A pipeline that was deleted leaves nothing behind for longer. */
const CHECKPOINT_TTL_MS = 7 * 86_400_000;
