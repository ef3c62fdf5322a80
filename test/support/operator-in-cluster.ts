import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { metricsProviderOf } from '../../src/operator/metrics-provider.ts';
import { EXTERNAL_METRICS_NAME } from '../../src/resource/cluster-names.ts';
import { registeredProvider } from './external-metrics.ts';
import { until } from './until.ts';

/** The operator's own manifests in a cluster, for its own namespace alone: others may run on the cluster. */
export class OperatorInCluster {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #objects: readonly KubernetesObject[];

  constructor(client: ApiClient, namespace: string, values: object) {
    this.#client = client;
    this.#namespace = namespace;
    const settings = operatorValues.parse({ ...values, watchNamespaces: [namespace] });
    this.#objects = operatorObjects({ values: settings, namespace });
  }

  async apply(): Promise<void> {
    for (const object of this.#objects) {
      await this.#client.send({
        method: 'PATCH',
        path: placeOf(object),
        query: { fieldManager: 'test', force: true },
        contentType: 'application/apply-patch+yaml',
        body: object,
      });
    }
  }

  /** How many operators are to run; waits until there are so many. */
  async scaleTo(replicas: number): Promise<void> {
    await this.#client.send({
      method: 'PATCH',
      path: `${pathOf(KINDS.Deployment, this.#namespace, 'tidemark-operator')}/scale`,
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas } },
    });
    await until(
      `${replicas} operators run`,
      async () => (await this.#pods()).length === replicas && (await this.readyPods()).length === replicas,
      90_000,
    );
  }

  /** What is left when the namespace is gone, and what goes with it. The CRD stays. */
  async removeRights(): Promise<void> {
    for (const object of this.#objects.filter(isOutside)) {
      await this.#client.send({ method: 'DELETE', path: placeOf(object) });
    }
    const ours = { namespace: this.#namespace, name: EXTERNAL_METRICS_NAME };
    await until(
      'it is registered for external metrics no more',
      async () => metricsProviderOf(await registeredProvider(this.#client), ours) !== 'tidemark',
      60_000,
    );
  }

  /** The holder's identity begins with the name of its pod; empty while there is none. */
  async leader(): Promise<string> {
    const path = pathOf(KINDS.Lease, this.#namespace, 'tidemark-operator');
    const lease = (await this.#client.send({ method: 'GET', path })) as {
      spec: { holderIdentity: string };
    };
    return lease.spec.holderIdentity;
  }

  async readyPods(): Promise<KubeObject[]> {
    return (await this.#pods()).filter(({ status }) => {
      const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
      return conditions.some((each) => each.type === 'Ready' && each.status === 'True');
    });
  }

  async #pods(): Promise<KubeObject[]> {
    const { items } = (await this.#client.send({
      method: 'GET',
      path: pathOf(KINDS.Pod, this.#namespace),
      query: { labelSelector: 'app.kubernetes.io/component=operator' },
    })) as { items: KubeObject[] };
    return items;
  }
}

function isOutside({ kind, metadata }: KubernetesObject): boolean {
  return kind.startsWith('ClusterRole') || metadata.namespace === 'kube-system';
}

function placeOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const small = kind.toLowerCase();
  const plural = small.endsWith('y') ? `${small.slice(0, -1)}ies` : `${small}s`;
  return pathOf({ apiVersion, kind, plural }, metadata.namespace, metadata.name);
}
