import type { SpecInput } from '../../src/resource/moving-average.ts';
import { startKafka } from '../../test/support/kafka-broker.ts';
import { MovingAverageInCluster } from '../../test/support/moving-average.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { until } from '../../test/support/until.ts';
import { LiveMarket, type LivePace } from './live-market.ts';
import { inTurn } from './interruption.ts';
import type { OperatorNamespace } from './operator-namespace.ts';
import { ResultWaits } from './result-waits.ts';
import { bulkWriter, promptWriter } from './trade-writer.ts';
import { verifyResults } from './verify-results.ts';
import type { WindowedJob } from './windowed-job.ts';

/** A pipeline on a cluster, its input, and what comes of it. */
export interface LivePipeline {
  readonly pipeline: MovingAverageInCluster;
  readonly job: WindowedJob;
  readonly market: LiveMarket;
  readonly waits: ResultWaits;
  /** Ends the trading and compares all results with a recomputation. Throws for any that is not right. */
  readonly verified: () => Promise<{ readonly windows: number; readonly trades: number }>;
}

export interface LivePipelineOptions extends LivePace {
  readonly name: string;
  readonly window: Pick<WindowedJob, 'sizeMs' | 'slideMs' | 'delayMs'>;
  /** What the spec has besides input, output and window. */
  readonly spec: Partial<SpecInput>;
  /** Tens of thousands of trades a second, rather than each within a millisecond. */
  readonly inBulk?: boolean;
}

/** Lets `work` have a pipeline that runs, with live trades, a Kafka and a Redis of its own, and removes them. */
export async function withLivePipeline<T>(
  { client, namespace, host, interruption }: OperatorNamespace,
  { name, window, spec, inBulk = false, ...pace }: LivePipelineOptions,
  work: (live: LivePipeline) => Promise<T>,
): Promise<T> {
  const kafka = await startKafka({ host, own: true });
  const redis = await startRedis({ host, own: true });
  const { brokers } = kafka;
  const job: WindowedJob = { name, brokers, input: name, output: `${name}_averages`, ...window };
  const pipeline = new MovingAverageInCluster(client, namespace, name);
  const waits = new ResultWaits(job, pace.partitions, pace.symbols);
  const market = new LiveMarket(job, pace, (inBulk ? bulkWriter : promptWriter)(brokers, job.input));
  const verified = async () => {
    const { windows, trades } = await market.stop();
    await until('all results are written', () => waits.seen >= windows.size, LONGEST_MS);
    await verifyResults(brokers, job.output, window.sizeMs, windows, 'exact');
    return { windows: windows.size, trades };
  };
  try {
    return await interruption.orGivenUp(async () => {
      await pipeline.apply({
        kafka: { bootstrapServers: brokers },
        redis: { url: redis.url },
        input: { topic: job.input, partitions: pace.partitions, priceDecimals: 2 },
        output: { topic: job.output },
        windows: [{ size: `${window.sizeMs}ms`, slide: `${window.slideMs}ms` }],
        watermark: { delay: `${window.delayMs}ms` },
        ...spec,
      });
      await pipeline.becomes('Ready', 'Running', LONGEST_MS);
      await waits.start();
      await market.start();
      return work({ pipeline, job, market, waits, verified });
    });
  } finally {
    await inTurn([
      () => market.close(),
      () => waits.stop(),
      () => pipeline.remove(),
      () => redis.stop(),
      () => kafka.stop(),
    ]);
  }
}

const LONGEST_MS = 180_000;
