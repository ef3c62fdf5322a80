import type { Admin } from 'kafkajs';
import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS } from '../../src/kube/kinds.ts';
import { groupLoad } from '../../src/kafka/group-load.ts';
import { aggregatorName } from '../../src/resource/cluster-names.ts';
import { groupIdOf } from '../../src/resource/kafka-names.ts';
import { totalLag } from '../../src/scaling/load-reading.ts';
import { readObject } from '../../test/support/kube-objects.ts';
import type { MovingAverageInCluster } from '../../test/support/moving-average.ts';
import { clockMs } from './live-market.ts';

/** What was seen of a pipeline at one moment. */
export interface Sight {
  readonly atMs: number;
  /** Trades that wait, as the brokers have it. */
  readonly lag: number;
  /** What the autoscaler has asked for, and what is ready. */
  readonly replicas: number;
  readonly ready: number;
  /** What the operator says of it. */
  readonly message: string;
}

/** Looks at lag and replicas of a pipeline twice a second. */
export class BurstWatch {
  readonly sights: Sight[] = [];
  readonly #look: () => Promise<Sight>;
  readonly #onSight: (sight: Sight) => void;
  #isStopping = false;
  #watching: Promise<void> | undefined;

  constructor(
    client: ApiClient,
    namespace: string,
    pipeline: MovingAverageInCluster,
    admin: Admin,
    topic: string,
    onSight: (sight: Sight) => void,
  ) {
    this.#onSight = onSight;
    this.#look = async () => {
      const [load, deployment, resource] = await Promise.all([
        groupLoad(admin, groupIdOf(pipeline.name), topic, () => performance.now()),
        readObject(client, KINDS.Deployment, namespace, aggregatorName(pipeline.name)),
        pipeline.read(),
      ]);
      const { replicas = 0 } = (deployment?.spec ?? {}) as { replicas?: number };
      const { readyReplicas = 0 } = (deployment?.status ?? {}) as { readyReplicas?: number };
      const { scaling } = (resource?.status ?? {}) as { scaling?: { message: string } };
      return {
        atMs: clockMs(),
        lag: totalLag(load),
        replicas,
        ready: readyReplicas,
        message: scaling?.message ?? '',
      };
    };
  }

  start(): void {
    this.#watching = this.#watch();
    this.#watching.catch(() => undefined); // stop() tells of it
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isStopping) {
      const sight = await this.#look();
      this.sights.push(sight);
      this.#onSight(sight);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

/** What a run of replicas has been: each number once, in order. */
export function replicaSteps(sights: readonly Sight[]): number[] {
  return sights.map(({ replicas }) => replicas).filter((now, i, all) => i === 0 || now !== all[i - 1]);
}

const LOOK_EVERY_MS = 500;
