import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { pipelineObjects, type MovingAverageObject } from '../../cdk8s/pipeline/pipeline-objects.ts';
import { publishedAuthorities } from '../../src/external-metrics/api-service.ts';
import { KINDS, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { METRICS_API_SERVICE } from '../../src/operator/metrics-provider.ts';
import { ExternalMetricsInCluster } from './external-metrics.ts';
import type { KubeCluster } from './kube-cluster.ts';
import { applyObject } from './kube-objects.ts';
import { SURROUNDINGS } from './manifest-objects.ts';
import { installCrd, MovingAverageInCluster } from './moving-average.ts';
import { OperatorProcess } from './operator-process.ts';
import { until } from './until.ts';

/**
 * Operators that serve external metrics from this machine, and pipelines that scale by them. A test's operators end
 * with it. Call it at the top of a test file.
 */
export class ServingOperators {
  readonly #cluster: KubeCluster;
  #metrics: ExternalMetricsInCluster | undefined;
  #operators: OperatorProcess[] = [];
  #number = 0;

  constructor(cluster: KubeCluster) {
    this.#cluster = cluster;
    beforeAll(async () => {
      const { TIDEMARK_E2E_HOST: host } = process.env;
      if (!host) {
        throw new Error(
          'The API server must reach this machine: set TIDEMARK_E2E_HOST to its address, no loopback.',
        );
      }
      await installCrd(cluster.client);
      this.#metrics = new ExternalMetricsInCluster(cluster.client, cluster.namespace, host);
      this.#metrics.install();
    });
    afterEach(async () => {
      await Promise.all(this.#operators.map((operator) => operator.end()));
      this.#operators = [];
    });
    afterAll(() => this.#metrics?.uninstall());
  }

  get metrics(): ExternalMetricsInCluster {
    if (this.#metrics === undefined) throw new Error('Nothing is installed before the first test.');
    return this.#metrics;
  }

  /** An operator that leads, to which the API server's requests go. */
  async serving(): Promise<OperatorProcess> {
    const operator = await this.started();
    this.metrics.leadTo([await portOf(operator)]);
    await until(
      'it leads and has registered',
      async () => operator.leads && (await this.metrics.apiService()) !== undefined,
    );
    await this.metrics.isAvailable();
    return operator;
  }

  async started(): Promise<OperatorProcess> {
    const operator = new OperatorProcess({
      namespace: this.#cluster.namespace,
      kubeconfig: process.env.KUBECONFIG ?? '',
      instance: `operator-${++this.#number}`,
      image: NO_IMAGE,
      servesExternalMetrics: true,
    });
    this.#operators.push(operator);
    await portOf(operator);
    return operator;
  }

  /** A pipeline that scales. Without brokers nobody but the tests writes a number into its status. */
  async scaled(brokers: readonly string[] = ['127.0.0.1:9']): Promise<MovingAverageInCluster> {
    const name = `scaled-${++this.#number}`;
    const pipeline = new MovingAverageInCluster(this.#cluster.client, this.#cluster.namespace, name);
    await pipeline.apply({
      kafka: { bootstrapServers: [...brokers] },
      input: { topic: name, partitions: 12 },
      output: { topic: `${name}_averages` },
      windows: [{ size: '3s' }],
      scaling: { minReplicas: 1, maxReplicas: 6 },
    });
    return pipeline;
  }

  /** Its Deployment, whose topics the operator waits for in vain; once it is there, the rest follows. */
  async deployment(pipeline: MovingAverageInCluster): Promise<void> {
    const resource = (await pipeline.read()) as KubeObject & MovingAverageObject;
    const { apiVersion, kind, metadata } = resource;
    const { name, uid = '' } = metadata;
    const { client, namespace } = this.#cluster;
    const objects = pipelineObjects(resource, {
      ...SURROUNDINGS,
      image: NO_IMAGE,
      namespace,
      ownerReference: { apiVersion, kind, name, uid, controller: true },
    });
    await applyObject(client, objects.find((object) => object.kind === 'Deployment') as KubeObject);
  }

  /** Writes what the load asks for, in the operator's place; what is left out is taken away, whoever wrote it. */
  async say(
    { name }: MovingAverageInCluster,
    { desiredReplicas, message }: { desiredReplicas?: number; message: string },
  ): Promise<void> {
    const { client, namespace } = this.#cluster;
    await client.send({
      method: 'PATCH',
      path: `${pathOf(KINDS.MovingAverage, namespace, name)}/status`,
      query: { fieldManager: 'test' },
      contentType: 'application/merge-patch+json',
      body: { status: { scaling: { desiredReplicas: desiredReplicas ?? null, message } } },
    });
  }

  /** The registration's, as anyone with the right could write it. */
  async changeRegistration(spec: object): Promise<void> {
    await this.#cluster.client.send({
      method: 'PATCH',
      path: API_SERVICE,
      contentType: 'application/merge-patch+json',
      body: { spec },
    });
  }

  async removeRegistration(): Promise<void> {
    await this.#cluster.client.send({ method: 'DELETE', path: API_SERVICE });
  }

  /** The authorities that API servers trust; empty while nobody is registered. */
  async published(): Promise<string> {
    const registered = await this.metrics.apiService();
    return registered === undefined ? '' : publishedAuthorities(registered);
  }
}

export function portOf(operator: OperatorProcess): Promise<number> {
  return until('the port is open', () => operator.externalMetricsPort);
}

const API_SERVICE = pathOf(KINDS.APIService, undefined, METRICS_API_SERVICE);
/** Pods have none that could run. */
const NO_IMAGE = 'tidemark:none';
