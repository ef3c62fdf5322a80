import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS, kindOf, pathOf, type Kind } from '../../src/kube/kinds.ts';
import type { Condition, ConditionType } from '../../src/operator/condition.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import type { PipelineStatus } from '../../src/operator/status.ts';
import type { SpecInput } from '../../src/resource/moving-average.ts';
import { movingAverageCrd } from '../../cdk8s/crd.ts';
import { readObject } from './kube-objects.ts';
import { until } from './until.ts';

/** A MovingAverage in a cluster, as its user sees it. */
export class MovingAverageInCluster {
  readonly name: string;
  readonly #client: ApiClient;
  readonly #namespace: string;

  constructor(client: ApiClient, namespace: string, name: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.name = name;
  }

  /** Creates it or changes it, as `kubectl apply` would. */
  async apply(spec: SpecInput, annotations: Record<string, string> = {}): Promise<void> {
    const { apiVersion, kind } = KINDS.MovingAverage;
    await this.#client.send({
      method: 'PATCH',
      path: this.#path,
      query: { fieldManager: 'test', force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion,
        kind,
        metadata: { name: this.name, namespace: this.#namespace, annotations },
        spec,
      },
    });
  }

  async remove(): Promise<void> {
    await this.#client.send({ method: 'DELETE', path: this.#path });
  }

  read(): Promise<KubeObject | undefined> {
    return readObject(this.#client, KINDS.MovingAverage, this.#namespace, this.name);
  }

  /** The condition, of the spec as it is now; undefined while there is none. */
  async condition(type: ConditionType): Promise<Condition | undefined> {
    const object = await this.read();
    const { conditions = [] } = (object?.status ?? {}) as Partial<PipelineStatus>;
    const found = conditions.find((condition) => condition.type === type);
    return found?.observedGeneration === object?.metadata.generation ? found : undefined;
  }

  /** Waits until the condition has a status or a reason. */
  async becomes(type: ConditionType, wanted: string, withinMs = 60_000): Promise<Condition> {
    let last: Condition | undefined;
    try {
      return await until(
        `${type} of ${this.name} is ${wanted}`,
        async () => {
          last = await this.condition(type);
          return last !== undefined && [last.status, last.reason].includes(wanted) ? last : undefined;
        },
        withinMs,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message} It is ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** Its objects of a kind. */
  async objects(kind: Kind): Promise<KubeObject[]> {
    const { items } = (await this.#client.send({
      method: 'GET',
      path: pathOf(kind, this.#namespace),
      query: { labelSelector: `tidemark.dev/pipeline=${this.name}` },
    })) as { items: KubeObject[] };
    return items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
  }

  async pods(): Promise<KubeObject[]> {
    return (await this.objects(KINDS.Pod)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Reasons of the events about it, the oldest first. */
  async events(): Promise<{ reason: string; note: string }[]> {
    const { items } = (await this.#client.send({
      method: 'GET',
      path: pathOf(KINDS.Event, this.#namespace),
    })) as {
      items: { reason: string; note: string; eventTime: string; regarding: { kind: string; name: string } }[];
    };
    return items
      .filter(({ regarding }) => regarding.kind === 'MovingAverage' && regarding.name === this.name)
      .sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
  }

  /** Waits until there is an event with this reason: it is written after what it tells of. Returns the last one's note. */
  async tells(reason: string): Promise<string> {
    return until(`${this.name} tells of ${reason}`, async () => {
      const told = (await this.events()).filter((event) => event.reason === reason);
      return told.at(-1)?.note;
    });
  }

  get #path(): string {
    return pathOf(kindOf(KINDS.MovingAverage), this.#namespace, this.name);
  }
}

/** Installs the CRD, as a person would, and waits until it is served. */
export async function installCrd(client: ApiClient): Promise<void> {
  const crd = movingAverageCrd();
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
  await client.send({
    method: 'PATCH',
    path,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: crd,
  });
  await until('the CRD is established', async () => {
    const { status } = (await client.send({ method: 'GET', path })) as {
      status?: { conditions?: { type: string; status: string }[] };
    };
    return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True');
  });
}
