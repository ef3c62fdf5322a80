import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pipelineObjects, type MovingAverageObject } from '../../../cdk8s/pipeline/pipeline-objects.ts';
import { issueAuthority, issueServing } from '../../../src/external-metrics/issue.ts';
import { secretContent } from '../../../src/external-metrics/key-material.ts';
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS } from '../../../src/external-metrics/rotation.ts';
import { publishedAuthorities } from '../../../src/external-metrics/api-service.ts';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { METRICS_API_SERVICE } from '../../../src/operator/metrics-provider.ts';
import { aggregatorName, EXTERNAL_METRICS_NAME } from '../../../src/resource/cluster-names.ts';
import { ExternalMetricsInCluster, shownCertificate } from '../../support/external-metrics.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject, readObject } from '../../support/kube-objects.ts';
import { kubectl } from '../../support/kubectl.ts';
import { SURROUNDINGS } from '../../support/manifest-objects.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { blocksOf } from '../../support/readme.ts';
import { setUp } from '../../support/set-up.ts';
import { PROJECT } from '../../support/tidemark.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { until } from '../../support/until.ts';

// Brokers are out of reach here, so that nobody but the tests writes a number into a status; pods have no image.
const cluster = kubeCluster();
const { TIDEMARK_E2E_HOST: host } = process.env;
let metrics: ExternalMetricsInCluster;
let operators: OperatorProcess[] = [];
let load: Load | undefined;
/** What a test has opened. */
let releases: (() => Promise<unknown>)[] = [];
let number = 0;

beforeAll(async () => {
  if (!host) {
    throw new Error(
      'The API server must reach this machine: set TIDEMARK_E2E_HOST to its address, no loopback.',
    );
  }
  await installCrd(cluster.client);
  metrics = new ExternalMetricsInCluster(cluster.client, cluster.namespace, host);
  metrics.install();
});

afterEach(async () => {
  await load?.end();
  load = undefined;
  await Promise.all(operators.map((operator) => operator.end()));
  operators = [];
  await Promise.all(releases.map((release) => release()));
  releases = [];
});

afterAll(async () => {
  await metrics.uninstall();
});

test('kubectl shows the number that a status has, and the error of one that has none', async () => {
  await serving();
  const name = await scaled();
  await say(name, { desiredReplicas: 7, message: '1,200 trades/s ask for 7' });
  const raw = `${metrics.path}?labelSelector=pipeline%3D${name}`;
  await until('the number is served', async () => (await metrics.values(name)) as string[] | undefined);
  const shown = kubectl(['get', '--raw', raw]);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    kind: 'ExternalMetricValueList',
    apiVersion: 'external.metrics.k8s.io/v1beta1',
    items: [{ metricName: 'tidemark_desired_replicas', metricLabels: { pipeline: name }, value: '7' }],
  });
  const resources = kubectl(['api-resources', '--api-group', 'external.metrics.k8s.io', '--no-headers']);
  expect(resources.stdout).toMatch(/^tidemark_desired_replicas +external\.metrics\.k8s\.io\/v1beta1 +true/);
  await say(name, { message: 'no broker answers' });
  await until('it is an error with the words of the status', async () =>
    kubectl(['get', '--raw', raw]).stderr.includes(`MovingAverage ${name}: ${await messageOf(name)}`),
  );
});

test('the autoscaler follows the number, and holds what runs while there is none', async () => {
  await serving();
  const name = await scaled();
  await say(name, { desiredReplicas: 3, message: 'three' });
  await deployment(name);
  await until('three are to run', async () => (await replicas(name)) === 3, 90_000);
  expect((await autoscalerIs(name, 'True')).message).toContain('successfully calculate');
  await say(name, { message: 'no broker answers' });
  expect(await autoscalerIs(name, 'False')).toMatchObject({
    reason: 'FailedGetExternalMetric',
    message: expect.stringContaining(`MovingAverage ${name}: `),
  });
  expect(await replicas(name)).toBe(3);
  await say(name, { desiredReplicas: 5, message: 'five' });
  await until('five are to run', async () => (await replicas(name)) === 5, 90_000);
});

test('an operator that does not lead serves as the leader does', async () => {
  const leader = await serving();
  const name = await scaled();
  await say(name, { desiredReplicas: 2, message: 'two' });
  const other = await started();
  metrics.leadTo([await portOf(other)]);
  await until('it is ready', () => isReady(other));
  expect(other.leads).toBe(false);
  expect(leader.leads).toBe(true);
  await until('it answers', async () => String(await metrics.values(name)) === '2');
});

test('nobody is let in but the front proxy, and through it nobody without the right', async () => {
  const operator = await serving();
  const name = await scaled();
  await say(name, { desiredReplicas: 2, message: 'two' });
  await expect(askedDirectly(await portOf(operator))).rejects.toThrow(
    /certificate required|ECONNRESET|alert|closed without/,
  );
  const raw = ['get', '--raw', `${metrics.path}?labelSelector=pipeline=${name}`];
  const nobody = kubectl([...raw, '--as', 'nobody']);
  expect(nobody.stderr).toContain(
    'is forbidden: User "nobody" cannot list resource "tidemark_desired_replicas"',
  );
  const autoscaler = ['--as', 'system:serviceaccount:kube-system:horizontal-pod-autoscaler'];
  await until('the autoscaler may', () => kubectl([...raw, ...autoscaler]).status === 0);
});

test('while authority and certificate are replaced no request is lost', async () => {
  const dayMs = 86_400_000;
  const old = await issueAuthority(AUTHORITY_LIFE_MS, Date.now() - 300 * dayMs);
  const servername = `${EXTERNAL_METRICS_NAME}.${cluster.namespace}.svc`;
  const shown = await issueServing(old, [servername], CERTIFICATE_LIFE_MS, Date.now() - dayMs);
  await writeSecret({
    authorities: old.certificate,
    authorityKey: old.privateKey,
    authorityAddedMs: undefined,
    ...shown,
  });
  const operator = await serving();
  const port = await portOf(operator);
  const name = await scaled();
  await say(name, { desiredReplicas: 4, message: 'four' });
  await until('it is served', async () => String(await metrics.values(name)) === '4');

  load = new Load(() => metrics.values(name));
  const both = await until('a second authority is trusted', async () => {
    const trusted = await published();
    return trusted.split('BEGIN CERTIFICATE').length === 3 ? trusted : undefined;
  });
  const before = await shownCertificate(port, servername, old.certificate);
  await load.goesOnFor(40);

  annotateSecret('tidemark.dev/authority-added', new Date(Date.now() - 3_600_000).toISOString());
  await until(
    'another certificate is shown',
    async () => (await shownCertificate(port, servername, both)) !== before,
  );
  await expect(shownCertificate(port, servername, old.certificate)).rejects.toThrow();
  await load.goesOnFor(40);
  const { asked, failures } = await load.end();
  expect(failures).toEqual([]);
  expect(asked).toBeGreaterThan(80);
});

test('what others change of the registration is put right, but for whom it leads to', async () => {
  const operator = await serving();
  const kafka = await startKafka({ own: true });
  releases.push(() => kafka.stop());
  const name = await scaled(kafka.brokers);
  const bundle = async () => (spec(await metrics.apiService()) as { caBundle: string }).caBundle;
  const right = await bundle();
  await patchApiService({ caBundle: Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64') }).catch(
    () => patchApiService({ groupPriorityMinimum: 7 }),
  );
  await until('it is as it was', async () => {
    const now = spec(await metrics.apiService()) as { caBundle: string; groupPriorityMinimum: number };
    return now.caBundle === right && now.groupPriorityMinimum === 100;
  });
  await cluster.client.send({ method: 'DELETE', path: API_SERVICE });
  await until('it is there again', async () => (await metrics.apiService()) !== undefined);

  const theirs = { name: 'keda-operator-metrics-apiserver', namespace: 'keda', port: 443 };
  await patchApiService({ service: theirs });
  const told = await inCluster(name).becomes('ScalingActive', 'OtherProvider');
  expect(told.message).toContain('served by keda/keda-operator-metrics-apiserver');
  expect(told.message).toContain('spec.scaling.metrics');
  await until('the log says so', () => operator.log.includes('another provider serves external metrics'));
  expect((spec(await metrics.apiService()) as { service: object }).service).toEqual(theirs);

  await cluster.client.send({ method: 'DELETE', path: API_SERVICE });
  await metrics.isAvailable();
});

test('the commands of docs/operations.md show who serves metrics, what, and with which certificate; a deleted one is made anew', async () => {
  const operator = await serving();
  const servername = `${EXTERNAL_METRICS_NAME}.${cluster.namespace}.svc`;
  const name = await scaled();
  await say(name, { desiredReplicas: 2, message: 'two' });
  await until('it answers', async () => String(await metrics.values(name)) === '2');
  const before = await published();

  const commands = documentedCommands().map((command) =>
    command
      .replaceAll('--namespace tidemark', `--namespace ${cluster.namespace}`)
      .replaceAll('/trading/', `/${cluster.namespace}/`)
      .replaceAll('=stocks', `=${name}`),
  );
  expect(commands).toHaveLength(5);
  const [registered, value, rights, certificate, deleted] = commands.map(inShell);
  expect(registered).toMatch(new RegExp(`${cluster.namespace}/tidemark-external-metrics +True`));
  expect(JSON.parse(value)).toMatchObject({ items: [{ value: '2' }] });
  expect(rights.trim()).toBe('yes');
  expect(certificate).toMatch(/notAfter=.*\n.*DNS:/s);
  expect(deleted).toContain('deleted');
  const after = await until('another authority is published', async () => {
    const now = await published();
    return now === before || now === '' ? undefined : now;
  });
  await until('its certificate is shown', () =>
    shownCertificate(operator.externalMetricsPort ?? 0, servername, after),
  );
  await until('it answers again', async () => String(await metrics.values(name)) === '2');
});

test('what the leader has made goes with its ClusterRole, also while operators run, and comes with it again', async () => {
  const operator = await serving();
  await metrics.uninstall();
  await until('the Secret is gone', async () => (await metrics.secret()) === undefined, 60_000);
  await until('the log says what is missing', () => operator.log.includes('EXTERNAL_METRICS_OWNER'));
  expect(await metrics.apiService()).toBeUndefined();
  metrics.install();
  await metrics.isAvailable();
});

test('of a thousand requests 99 in 100 are answered in time', async () => {
  const operator = await serving();
  const name = await scaled();
  await say(name, { desiredReplicas: 2, message: 'two' });
  await until('it answers', async () => String(await metrics.values(name)) === '2');
  const tookMs: number[] = [];
  for (let at = 0; at < 1_000; at++) {
    const startMs = performance.now();
    await metrics.values(name);
    tookMs.push(performance.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  const bySelf = await fetch(`http://127.0.0.1:${operator.port}/metrics`).then((page) => page.text());
  const counted = (name: string, labels: string) =>
    Number(
      new RegExp(`external_metrics_seconds_${name}\\{${labels}status="200"\\} (\\d+)`).exec(bySelf)?.[1],
    );
  const all = counted('count', '');
  const within = (seconds: number) => counted('bucket', `le="${seconds}",`);
  process.stdout.write(
    `through the API server: median ${tookMs[500].toFixed(1)} ms, 99 in 100 within ${tookMs[989].toFixed(1)} ms; ` +
      `by itself ${within(0.005)} of ${all} within 5 ms, ${within(0.02)} within 20 ms\n`,
  );
  // Both bounds leave room for a machine that is busy.
  expect(within(0.05) / all).toBeGreaterThan(0.99);
  expect(tookMs[989]).toBeLessThan(500);
});

/** The authorities that API servers trust; empty while nobody is registered. */
async function published(): Promise<string> {
  const registered = await metrics.apiService();
  return registered === undefined ? '' : publishedAuthorities(registered);
}

const API_SERVICE = pathOf(KINDS.APIService, undefined, METRICS_API_SERVICE);

/** An operator that leads, to which the API server's requests go. */
async function serving(): Promise<OperatorProcess> {
  const operator = await started();
  metrics.leadTo([await portOf(operator)]);
  await until(
    'it leads and has registered',
    async () => operator.leads && (await metrics.apiService()) !== undefined,
  );
  await metrics.isAvailable();
  return operator;
}

async function started(): Promise<OperatorProcess> {
  const operator = new OperatorProcess({
    namespace: cluster.namespace,
    kubeconfig: process.env.KUBECONFIG ?? '',
    instance: `operator-${++number}`,
    image: 'tidemark:none',
    servesExternalMetrics: true,
  });
  operators.push(operator);
  await portOf(operator);
  return operator;
}

function portOf(operator: OperatorProcess): Promise<number> {
  return until('the port is open', () => operator.externalMetricsPort);
}

async function isReady({ port }: OperatorProcess): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
}

function inCluster(name: string): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, name);
}

/** A pipeline that scales; returns its name. */
async function scaled(brokers: readonly string[] = ['127.0.0.1:9']): Promise<string> {
  const name = `scaled-${++number}`;
  await inCluster(name).apply({
    kafka: { bootstrapServers: [...brokers] },
    input: { topic: name, partitions: 12 },
    output: { topic: `${name}_averages` },
    windows: [{ size: '3s' }],
    scaling: { minReplicas: 1, maxReplicas: 6 },
  });
  return name;
}

/** Its Deployment, whose topics the operator waits for in vain; once it is there, the rest follows. */
async function deployment(name: string): Promise<void> {
  const resource = (await inCluster(name).read()) as KubeObject & MovingAverageObject;
  const { apiVersion, kind, metadata } = resource;
  const ownerReference = { apiVersion, kind, name, uid: metadata.uid ?? '', controller: true };
  const surroundings = {
    ...SURROUNDINGS,
    image: 'tidemark:none',
    namespace: cluster.namespace,
    ownerReference,
  };
  const objects = pipelineObjects(resource, surroundings);
  await applyObject(cluster.client, objects.find((object) => object.kind === 'Deployment') as KubeObject);
}

/** Waits until its autoscaler says so of itself. */
async function autoscalerIs(name: string, status: 'True' | 'False') {
  return until(
    `ScalingActive of the autoscaler is ${status}`,
    async () => {
      const { HorizontalPodAutoscaler } = KINDS;
      const found = await readObject(
        cluster.client,
        HorizontalPodAutoscaler,
        cluster.namespace,
        aggregatorName(name),
      );
      const { conditions = [] } = (found?.status ?? {}) as {
        conditions?: { type: string; status: string; reason: string; message: string }[];
      };
      return conditions.find((each) => each.type === 'ScalingActive' && each.status === status);
    },
    60_000,
  );
}

async function replicas(name: string): Promise<number | undefined> {
  const found = await readObject(cluster.client, KINDS.Deployment, cluster.namespace, aggregatorName(name));
  return (found?.spec as { replicas?: number } | undefined)?.replicas;
}

/** Writes what the load asks for, in the operator's place; what is left out is taken away, whoever wrote it. */
async function say(
  name: string,
  { desiredReplicas, message }: { desiredReplicas?: number; message: string },
): Promise<void> {
  await cluster.client.send({
    method: 'PATCH',
    path: `${pathOf(KINDS.MovingAverage, cluster.namespace, name)}/status`,
    query: { fieldManager: 'test' },
    contentType: 'application/merge-patch+json',
    body: { status: { scaling: { desiredReplicas: desiredReplicas ?? null, message } } },
  });
}

async function messageOf(name: string): Promise<string> {
  const { status } = (await inCluster(name).read()) as { status: { scaling: { message: string } } };
  return status.scaling.message;
}

async function writeSecret(material: Parameters<typeof secretContent>[0]): Promise<void> {
  const { annotations, data } = secretContent(material);
  const metadata = { name: EXTERNAL_METRICS_NAME, namespace: cluster.namespace, annotations };
  await applyObject(cluster.client, { apiVersion: 'v1', kind: 'Secret', metadata, data } as KubeObject);
}

function annotateSecret(key: string, value: string): void {
  const { status, stderr } = kubectl([
    ...['annotate', 'secret', EXTERNAL_METRICS_NAME, '--namespace', cluster.namespace],
    ...['--overwrite', `${key}=${value}`],
  ]);
  if (status !== 0) throw new Error(stderr);
}

async function patchApiService(change: object): Promise<void> {
  await cluster.client.send({
    method: 'PATCH',
    path: API_SERVICE,
    contentType: 'application/merge-patch+json',
    body: { spec: change },
  });
}

/** Those of the section on external metrics, one a line. */
function documentedCommands(): string[] {
  const operations = readFileSync(`${PROJECT}docs/operations.md`, 'utf8');
  const section = operations.slice(operations.indexOf('\n## External metrics\n') + 1).split('\n## ', 1)[0];
  return blocksOf(section, 'sh').flatMap((block) => block.trim().split('\n'));
}

/** The text that it prints; what fails is an error. */
function inShell(command: string): string {
  const PATH = `${setUp('kubernetes-tools')}:${process.env.PATH ?? ''}`;
  return execFileSync('bash', ['-o', 'pipefail', '-c', command], {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
}

function spec(object: KubeObject | undefined): unknown {
  return object?.spec;
}

/** A request without a certificate. */
function askedDirectly(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('data', (data: Buffer) => {
      resolve(data.toString());
    });
    socket.once('close', () => {
      reject(new Error('closed without an answer'));
    });
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  });
}

/** Requests without a break, in bursts of many at once, so that connections are opened all the time. */
class Load {
  readonly #ask: () => Promise<unknown>;
  readonly #failures: string[] = [];
  readonly #running: Promise<void>;
  #asked = 0;
  #isOver = false;

  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
    this.#running = this.#run();
  }

  /** Until so many more requests were answered. */
  async goesOnFor(requests: number): Promise<void> {
    const enough = this.#asked + requests;
    await until('more requests are answered', () => this.#asked >= enough);
  }

  async end(): Promise<{ asked: number; failures: readonly string[] }> {
    this.#isOver = true;
    await this.#running;
    return { asked: this.#asked, failures: this.#failures };
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const burst = Array.from({ length: 35 }, async () => {
        await this.#ask().catch((error: unknown) => this.#failures.push(String(error)));
        this.#asked += 1;
      });
      await Promise.all(burst);
    }
  }
}
