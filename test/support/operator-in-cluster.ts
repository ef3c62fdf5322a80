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

/** The operator's own manifests in a cluster; it looks at one namespace only, for others may run on the cluster. */
export class OperatorInCluster {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #objects: readonly KubernetesObject[];

  constructor(client: ApiClient, namespace: string, values: object) {
    this.#client = client;
    this.#namespace = namespace;
    this.#objects = operatorObjects({ values: operatorValues.parse(values), namespace }).map((object) =>
      inNamespaceOnly(object, namespace),
    );
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
    const { items } = (await this.#client.send({
      method: 'GET',
      path: pathOf(KINDS.Pod, this.#namespace),
      query: { labelSelector: 'app.kubernetes.io/component=operator' },
    })) as { items: (KubeObject & { status: { conditions?: { type: string; status: string }[] } })[] };
    return items.filter(({ status }) =>
      status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
    );
  }
}

function isOutside({ kind, metadata }: KubernetesObject): boolean {
  return kind.startsWith('ClusterRole') || metadata.namespace === 'kube-system';
}

function inNamespaceOnly(object: KubernetesObject, namespace: string): KubernetesObject {
  if (object.kind !== 'Deployment') return object;
  const copy = structuredClone(object) as KubernetesObject & {
    spec: { template: { spec: { containers: { env: object[] }[] } } };
  };
  copy.spec.template.spec.containers[0].env.push({ name: 'TIDEMARK_NAMESPACE', value: namespace });
  return copy;
}

function placeOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const small = kind.toLowerCase();
  const plural = small.endsWith('y') ? `${small.slice(0, -1)}ies` : `${small}s`;
  return pathOf({ apiVersion, kind, plural }, metadata.namespace, metadata.name);
}
