import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import avsc from 'avsc';
import type { Finding } from '../../../src/cli/finding.ts';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { Authority } from '../../support/certificates.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { readRaw } from '../../support/raw-reader.ts';
import { startRegistryGate, type RegistryGate } from '../../support/registry-gate.ts';
import { framed } from '../../support/registered.ts';
import { startSchemaRegistry, type TestRegistry } from '../../support/schema-registry.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Tidemark } from '../../support/tidemark.ts';
import { createTopics } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

/*
 * A registry that takes only clients with a certificate and a login. Certificates and the password come from Secrets
 * as a kubelet mounts them.
 */

const PASSWORD = 'registry-secret-51c9';
const SCHEMA = {
  type: 'record',
  name: 'Trade',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'price', type: 'double' },
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
};

const folder = temporaryFolder();
const secrets = new MountedSecrets(join(folder, 'secrets'));
let kafka: KafkaCluster;
let registry: TestRegistry;
let gate: RegistryGate;
let schemaId: number;
let aggregator: AggregatorProcess | undefined;

beforeAll(async () => {
  const authority = new Authority(folder, 'ca');
  const other = new Authority(folder, 'other');
  const mount = (name: string, ca: string, { certificate, privateKey } = authority.issue('stocks')): void => {
    secrets.set(name, { 'ca.crt': ca, 'tls.crt': certificate, 'tls.key': privateKey, password: PASSWORD });
  };
  mount('registry', authority.certificate);
  mount('other-authority', other.certificate);
  mount('stranger', authority.certificate, other.issue('stocks'));
  mount('expired', authority.certificate, authority.issue('stocks', { days: -1 }));
  secrets.set('wrong', { password: 'hunter2-hunter2' });
  [kafka, registry] = await Promise.all([startKafka(), startSchemaRegistry()]);
  gate = await startRegistryGate(registry.url, {
    certificate: authority.issue('registry'),
    ca: authority.certificate,
    username: 'stocks',
    password: PASSWORD,
  });
  schemaId = await registry.register('secured-value', JSON.stringify(SCHEMA));
  await createTopics(kafka.brokers, { secured: 1, secured_averages: 1 });
});

afterEach(async () => {
  await aggregator?.end('SIGKILL');
  aggregator = undefined;
});

afterAll(async () => {
  await Promise.all([gate.stop(), registry.stop(), kafka.stop()]);
});

test('schemas are read over TLS with our certificate and login, and no secret is logged', async () => {
  const type = avsc.Type.forSchema(SCHEMA as never);
  const trades = [100, 200, 10_000].map((time, i) =>
    framed(schemaId, type.toBuffer({ symbol: 'ANZ', price: i + 1, time })),
  );
  aggregator = new AggregatorProcess(pipeline(), 'secured-1', kafka.brokers, undefined, {
    TIDEMARK_SECRETS: secrets.folder,
  });
  await writePaced(
    kafka.brokers,
    'secured',
    trades.map((value) => ({ key: 'ANZ', value })),
    1_000,
  );
  let written: (string | undefined)[] = [];
  await until('the window is written', async () => {
    written = (await readRaw(kafka.brokers, 'secured_averages', 1)).map(({ value }) => value ?? undefined);
    return written.length > 0;
  });
  expect(written.map((value) => JSON.parse(value ?? '') as unknown)).toEqual([
    { start: 0, end: 1_000, stockName: 'ANZ', price: 1.5, minPrice: 1, maxPrice: 2, count: 2 },
  ]);
  expect(aggregator.log).not.toContain(PASSWORD);
});

test('check: the registry answers and its schema fits', async () => {
  expect(await registryFindings()).toMatchObject([{ ok: true, message: 'answers' }, { ok: true }]);
});

test.each([
  [
    'an authority that did not sign the registry',
    { tls: 'other-authority' },
    'REGISTRY_UNREACHABLE',
    'not trusted',
  ],
  [
    'our certificate by a stranger',
    { tls: 'stranger' },
    'REGISTRY_UNREACHABLE',
    'closed the connection without an answer',
  ],
  ['our certificate expired', { tls: 'expired' }, 'REGISTRY_UNREACHABLE', 'which expired at'],
  ['no certificate of ours', { ownCertificate: false }, 'REGISTRY_UNREACHABLE', 'wants one and got none'],
  ['a wrong password', { password: 'wrong' }, 'REGISTRY_LOGIN_REFUSED', 'does not permit stocks'],
])('check tells of %s', async (_, given, code, message) => {
  const [answer] = await registryFindings(given);
  expect(answer).toMatchObject({ ok: false, code, message: expect.stringContaining(message) });
  expect(answer.remedy).not.toBe('');
});

interface Given {
  readonly tls?: string;
  readonly ownCertificate?: boolean;
  readonly password?: string;
}

async function registryFindings(given: Given = {}): Promise<Finding[]> {
  const command = new Tidemark(['check', pipeline(given), '--json'], {
    env: { TIDEMARK_SECRETS: secrets.folder, TIDEMARK_KAFKA_BROKERS: kafka.brokers.join(',') },
  });
  const { stdout, stderr } = await command.finished;
  for (const secret of [PASSWORD, 'hunter2-hunter2', 'PRIVATE KEY'])
    expect(stdout + stderr).not.toContain(secret);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return findings.filter(({ subject }) => subject.startsWith('schema'));
}

function pipeline({ tls = 'registry', ownCertificate = true, password = 'registry' }: Given = {}): string {
  const own = ownCertificate ? `, certificateSecretRef: { name: ${tls} }` : '';
  const file = join(folder, 'secured.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: secured }
spec:
  schemaRegistry:
    url: ${gate.url}
    username: stocks
    passwordSecretRef: { name: ${password}, key: password }
    tls: { caSecretRef: { name: ${tls}, key: ca.crt }${own} }
  input: { topic: secured, format: avro }
  output: { topic: secured_averages }
  windows: [{ size: 1s }]
  watermark: { delay: 1s }
`,
  );
  return file;
}
