import { connect } from 'node:tls';
import { operatorParts, partObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { yamlText } from '../../cdk8s/yaml-text.ts';
import type { ApiClient } from '../../src/kube/api-client.ts';
import { hasStatus } from '../../src/kube/api-error.ts';
import { KINDS, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { METRICS_API_SERVICE } from '../../src/operator/metrics-provider.ts';
import { DESIRED_REPLICAS_METRIC, EXTERNAL_METRICS_NAME } from '../../src/resource/cluster-names.ts';
import { kubectl } from './kubectl.ts';
import { until } from './until.ts';

/**
 * What the chart installs for external metrics, in front of operators that are processes of the machine at `host`
 * instead of pods.
 */
export class ExternalMetricsInCluster {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #host: string;

  constructor(client: ApiClient, namespace: string, host: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.#host = host;
  }

  /** As the chart has it, but that the Service leads to where `leadTo` says. */
  install(settings: object = {}): void {
    const values = operatorValues.parse(settings);
    const parts = operatorParts({ values, namespace: this.#namespace });
    const objects = parts.filter(({ name }) => name.startsWith('external-metrics')).flatMap(partObjects);
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: EXTERNAL_METRICS_NAME, namespace: this.#namespace },
      spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
    };
    apply([...objects.filter(({ kind }) => kind !== 'Service'), service]);
  }

  /** Takes everything away again; what the operator has made must go with it. */
  async uninstall(): Promise<void> {
    const names = [EXTERNAL_METRICS_NAME, `${EXTERNAL_METRICS_NAME}-reader`];
    run(['delete', 'clusterrole,clusterrolebinding', ...names, '--ignore-not-found']);
    run(['delete', 'rolebinding', EXTERNAL_METRICS_NAME, '--namespace', 'kube-system', '--ignore-not-found']);
    await until('the APIService is gone', async () => (await this.apiService()) === undefined, 60_000);
  }

  /** Sends the API server's requests to these ports, in turn. */
  leadTo(ports: readonly number[]): void {
    const slices = ports.map((port, at) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${EXTERNAL_METRICS_NAME}-${at}`,
        namespace: this.#namespace,
        labels: { 'kubernetes.io/service-name': EXTERNAL_METRICS_NAME },
      },
      addressType: 'IPv4',
      ports: [{ name: 'https', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [this.#host], conditions: { ready: true } }],
    }));
    apply(slices);
  }

  apiService(): Promise<KubeObject | undefined> {
    return registeredProvider(this.#client);
  }

  secret(): Promise<(KubeObject & { data: Record<string, string> }) | undefined> {
    return found(this.#client, pathOf(KINDS.Secret, this.#namespace, EXTERNAL_METRICS_NAME));
  }

  /** Until the API server has found our API to answer. */
  async isAvailable(): Promise<void> {
    await until(
      'the APIService is available',
      async () => {
        const { conditions = [] } = ((await this.apiService())?.status ?? {}) as {
          conditions?: { type: string; status: string }[];
        };
        return conditions.some(({ type, status }) => type === 'Available' && status === 'True');
      },
      60_000,
    );
  }

  /** Asks as the autoscaler does. Rejects with the API server's refusal. */
  async values(pipeline: string): Promise<unknown> {
    const list = (await this.#client.send({
      method: 'GET',
      path: this.path,
      query: { labelSelector: `pipeline=${pipeline}` },
    })) as { items: { value: string }[] };
    return list.items.map(({ value }) => value);
  }

  get path(): string {
    return this.pathIn(this.#namespace);
  }

  /** Where the metric of a namespace's pipelines is. */
  pathIn(namespace: string): string {
    return `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${DESIRED_REPLICAS_METRIC}`;
  }
}

/** The APIService of external metrics, whosever it is. */
export function registeredProvider(client: ApiClient): Promise<KubeObject | undefined> {
  return found(client, pathOf(KINDS.APIService, undefined, METRICS_API_SERVICE));
}

/** The certificate that a server shows, if it is one for the name by one of the authorities; else it rejects. */
export function shownCertificate(port: number, servername: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca });
    socket.once('error', reject).once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
  });
}

async function found<T extends KubeObject>(client: ApiClient, path: string): Promise<T | undefined> {
  try {
    return (await client.send({ method: 'GET', path })) as T;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function apply(objects: readonly object[]): void {
  run(['apply', '--server-side', '--force-conflicts', '--filename', '-'], yamlText(objects));
}

function run(args: readonly string[], input?: string): void {
  const { status, stderr } = kubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
