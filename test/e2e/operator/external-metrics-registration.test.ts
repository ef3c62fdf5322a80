import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { issueAuthority, issueServing } from '../../../src/external-metrics/issue.ts';
import { secretContent } from '../../../src/external-metrics/key-material.ts';
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS } from '../../../src/external-metrics/rotation.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { EXTERNAL_METRICS_NAME } from '../../../src/resource/cluster-names.ts';
import { shownCertificate } from '../../support/external-metrics.ts';
import { startKafka } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject } from '../../support/kube-objects.ts';
import { kubectl } from '../../support/kubectl.ts';
import { blocksOf } from '../../support/readme.ts';
import { portOf, ServingOperators } from '../../support/serving-operators.ts';
import { setUp } from '../../support/set-up.ts';
import { PROJECT } from '../../support/tidemark.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
/** What a test has opened. */
let releases: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(releases.map((release) => release()));
  releases = [];
});

const operators = new ServingOperators(cluster);

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
  const operator = await operators.serving();
  const port = await portOf(operator);
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 4, message: 'four' });
  await until('it is served', async () => String(await operators.metrics.values(pipeline.name)) === '4');

  const load = new Load(() => operators.metrics.values(pipeline.name));
  releases.push(() => load.end());
  const both = await until('a second authority is trusted', async () => {
    const trusted = await operators.published();
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
  const operator = await operators.serving();
  const kafka = await startKafka({ own: true });
  releases.push(() => kafka.stop());
  const pipeline = await operators.scaled(kafka.brokers);
  const bundle = async () => (spec(await operators.metrics.apiService()) as { caBundle: string }).caBundle;
  const right = await bundle();
  await operators
    .changeRegistration({ caBundle: Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64') })
    .catch(() => operators.changeRegistration({ groupPriorityMinimum: 7 }));
  await until('it is as it was', async () => {
    const now = spec(await operators.metrics.apiService()) as {
      caBundle: string;
      groupPriorityMinimum: number;
    };
    return now.caBundle === right && now.groupPriorityMinimum === 100;
  });
  await operators.removeRegistration();
  await until('it is there again', async () => (await operators.metrics.apiService()) !== undefined);

  const theirs = { name: 'keda-operator-metrics-apiserver', namespace: 'keda', port: 443 };
  await operators.changeRegistration({ service: theirs });
  const told = await pipeline.becomes('ScalingActive', 'OtherProvider');
  expect(told.message).toContain('served by keda/keda-operator-metrics-apiserver');
  expect(told.message).toContain('spec.scaling.metrics');
  await until('the log says so', () => operator.log.includes('another provider serves external metrics'));
  expect((spec(await operators.metrics.apiService()) as { service: object }).service).toEqual(theirs);

  await operators.removeRegistration();
  await operators.metrics.isAvailable();
});

test('a registration that another one changes again and again is an obstacle that the condition tells of, until it ends', async () => {
  await operators.serving();
  const kafka = await startKafka({ own: true });
  releases.push(() => kafka.stop());
  const pipeline = await operators.scaled(kafka.brokers);
  await pipeline.becomes('ScalingActive', 'Following', 90_000);
  const right = await operators.published();
  const theirs = (await issueAuthority(AUTHORITY_LIFE_MS, Date.now())).certificate;
  const caBundle = Buffer.from(theirs).toString('base64');
  const ending = new AbortController();
  const contest = (async () => {
    while (!ending.signal.aborted) {
      if ((await operators.published()) !== theirs) await operators.changeRegistration({ caBundle });
    }
  })();
  releases.push(() => {
    ending.abort();
    return contest;
  });
  const told = await pipeline.becomes('ScalingActive', 'RegistrationContested', 150_000);
  expect(told.message).toContain('externalMetrics to false');
  ending.abort();
  await contest;
  await until('it is as it was', async () => (await operators.published()) === right, 90_000);
  await pipeline.becomes('ScalingActive', 'Following', 90_000);
});

test('the commands of docs/operations.md show who serves metrics, what, and with which certificate; a deleted one is made anew', async () => {
  const operator = await operators.serving();
  const servername = `${EXTERNAL_METRICS_NAME}.${cluster.namespace}.svc`;
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 2, message: 'two' });
  await until('it answers', async () => String(await operators.metrics.values(pipeline.name)) === '2');
  const before = await operators.published();

  const commands = documentedCommands().map((command) =>
    command
      .replaceAll('--namespace tidemark', `--namespace ${cluster.namespace}`)
      .replaceAll('/trading/', `/${cluster.namespace}/`)
      .replaceAll('=stocks', `=${pipeline.name}`),
  );
  expect(commands).toHaveLength(5);
  const [registered, value, rights, certificate, deleted] = commands.map(inShell);
  expect(registered).toMatch(new RegExp(`${cluster.namespace}/tidemark-external-metrics +True`));
  expect(JSON.parse(value)).toMatchObject({ items: [{ value: '2' }] });
  expect(rights.trim()).toBe('yes');
  expect(certificate).toMatch(/notAfter=.*\n.*DNS:/s);
  expect(deleted).toContain('deleted');
  const after = await until('another authority is published', async () => {
    const now = await operators.published();
    return now === before || now === '' ? undefined : now;
  });
  await until('its certificate is shown', () =>
    shownCertificate(operator.externalMetricsPort ?? 0, servername, after),
  );
  await until('it answers again', async () => String(await operators.metrics.values(pipeline.name)) === '2');
});

test('what the leader has made goes with its ClusterRole, also while operators run, and comes with it again', async () => {
  const operator = await operators.serving();
  await operators.metrics.uninstall();
  await until('the Secret is gone', async () => (await operators.metrics.secret()) === undefined, 60_000);
  await until('the log says what is missing', () => operator.log.includes('EXTERNAL_METRICS_OWNER'));
  expect(await operators.metrics.apiService()).toBeUndefined();
  operators.metrics.install();
  await operators.metrics.isAvailable();
});

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
