import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS } from '../../src/kube/kinds.ts';
import { aggregatorName } from '../../src/resource/cluster-names.ts';
import { readObject } from './kube-objects.ts';

/** How many aggregators a pipeline was to have, from now on; looked at four times a second. */
export class ReplicaHistory {
  /** Each number once, in order. */
  readonly steps: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(client: ApiClient, namespace: string, pipeline: string) {
    const look = async (): Promise<void> => {
      const replicas = await wantedReplicas(client, namespace, pipeline);
      if (replicas !== this.steps.at(-1)) this.steps.push(replicas);
    };
    this.#timer = setInterval(() => {
      look().catch(seenAtTheNextLook);
    }, 250);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** `spec.replicas` of the Deployment of a pipeline. */
export async function wantedReplicas(
  client: ApiClient,
  namespace: string,
  pipeline: string,
): Promise<number> {
  const deployment = await readObject(client, KINDS.Deployment, namespace, aggregatorName(pipeline));
  return (deployment?.spec as { replicas: number }).replicas;
}

function seenAtTheNextLook(): void {
  // A busy API server; the number is asked for again at once.
}
