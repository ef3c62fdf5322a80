import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { aggregatorName } from '../../src/resource/cluster-names.ts';
import type { SpecInput } from '../../src/resource/moving-average.ts';
import { readObject } from './kube-objects.ts';
import { tradesFromNow, type LiveRecord } from './live-trades.ts';
import { MovingAverageInCluster } from './moving-average.ts';
import { writePaced } from './paced-trades.ts';
import { until } from './until.ts';

/** What its autoscaler says of the metric. */
export interface ScalingActive {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * A pipeline of four partitions that scales, and a load that asks for as many aggregators: they request so little of a
 * core that one of them is never taken to fold more than half of it.
 */
export class LoadedPipeline {
  readonly resource: MovingAverageInCluster;
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #spec: SpecInput;

  constructor(
    client: ApiClient,
    namespace: string,
    { name, brokers, redisUrl }: { name: string; brokers: readonly string[]; redisUrl: string },
  ) {
    this.#client = client;
    this.#namespace = namespace;
    this.resource = new MovingAverageInCluster(client, namespace, name);
    this.#spec = {
      kafka: { bootstrapServers: [...brokers] },
      redis: { url: redisUrl },
      input: { topic: name, partitions: MOST },
      output: { topic: `${name}_averages` },
      windows: [{ size: '3s', slide: '1s' }],
      watermark: { delay: '1s' },
      resources: { requests: { cpu: '1m', memory: '64Mi' } },
    };
  }

  /** Creates it, or says anew who hands its number to the autoscaler. */
  async scaleBy(metrics: 'operator' | 'keda' | 'prometheus'): Promise<void> {
    const scaling = { minReplicas: 1, maxReplicas: MOST, metrics };
    await this.resource.apply({ ...this.#spec, scaling });
  }

  /** Writes trades until all aggregators that it may have are to run. */
  async load(brokers: string[]): Promise<void> {
    let isEnough = false;
    function* trades(): Generator<LiveRecord> {
      for (const trade of tradesFromNow(PER_SECOND * 300, PER_SECOND)) {
        if (isEnough) return;
        yield trade;
      }
    }
    const writing = writePaced(brokers, this.resource.name, trades(), PER_SECOND);
    try {
      await until('all aggregators are to run', async () => (await this.replicas()) === MOST, 240_000);
    } finally {
      isEnough = true;
      await writing;
    }
  }

  /** How many are to run. */
  async replicas(): Promise<number | undefined> {
    const { Deployment } = KINDS;
    const found = await readObject(
      this.#client,
      Deployment,
      this.#namespace,
      aggregatorName(this.resource.name),
    );
    return (found?.spec as { replicas?: number } | undefined)?.replicas;
  }

  /** The autoscalers that follow it, whoever has made them. */
  autoscalers(): Promise<KubeObject[]> {
    return this.resource.objects(KINDS.HorizontalPodAutoscaler);
  }

  /** Waits until its one autoscaler has got the number, or has not. */
  autoscalerIs(status: 'True' | 'False'): Promise<ScalingActive> {
    return until(
      `ScalingActive of the autoscaler is ${status}`,
      async () => {
        const all = await this.autoscalers();
        const { conditions = [] } = (all[0]?.status ?? {}) as {
          conditions?: (ScalingActive & { type: string })[];
        };
        const found = conditions.find(({ type }) => type === 'ScalingActive');
        return all.length === 1 && found?.status === status ? found : undefined;
      },
      150_000,
    );
  }
}

const MOST = 4;
const PER_SECOND = 20_000;
