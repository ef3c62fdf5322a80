import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { kafkaConnection } from '../../../src/cli/connections.ts';
import { SecretFolder } from '../../../src/cli/secret-folder.ts';
import { accessRules, ruleInWords } from '../../../src/kafka/access-rules.ts';
import { topicStanding } from '../../../src/kafka/granted-operations.ts';
import { kafkaClient } from '../../../src/kafka/kafka-client.ts';
import { kafkaTrouble } from '../../../src/kafka/kafka-trouble.ts';
import { parsePipelineFile } from '../../../src/resource/parse.ts';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import {
  grant,
  revoke,
  setScramPassword,
  startSecuredKafka,
  type SecuredKafka,
} from '../../support/secured-kafka.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startTokenServer, type TokenServer } from '../../support/token-server.ts';
import { createTopics } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'correct horse, battery=staple';
const WRONG = 'hunter2-hunter2';

const folder = temporaryFolder();
const secrets = new MountedSecrets(join(folder, 'secrets'));
let tokens: TokenServer;
let kafka: SecuredKafka;
const running: AggregatorProcess[] = [];

beforeAll(async () => {
  tokens = await startTokenServer({ 'stocks-client': PASSWORD });
  kafka = await startSecuredKafka(folder, { plainUsers: { stocks: PASSWORD }, jwks: tokens.jwks });
  const { brokers } = kafka.cluster;
  await createTopics(brokers, { stocks: 2, stocks_averages: 1, stocks_late: 1, forbidden: 1 });
  await setScramPassword(brokers, 'stocks', `[${PASSWORD}]`.slice(1, -1).replaceAll(/[ ,=]/g, '-'));
  await setScramPassword(brokers, 'stocks', 'scram-256-secret', 'SCRAM-SHA-256');
  const own = kafka.authority.issue('stocks');
  secrets.set('kafka-ca', { 'ca.crt': kafka.authority.certificate });
  secrets.set('user', { 'user.crt': own.certificate, 'user.key': own.privateKey });
  secrets.set('login', {
    plain: `${PASSWORD}\n`,
    scram: PASSWORD.replaceAll(/[ ,=]/g, '-'),
    'scram-256': 'scram-256-secret',
    wrong: WRONG,
  });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
});

afterAll(async () => {
  await Promise.all([kafka.stop(), tokens.stop()]);
});

const CA = 'tls: { caSecretRef: { name: kafka-ca, key: ca.crt } }';

test.each([
  ['PLAIN', 'mechanism: plain, username: stocks, passwordSecretRef: { name: login, key: plain }'],
  [
    'SCRAM-SHA-256',
    'mechanism: scram-sha-256, username: stocks, passwordSecretRef: { name: login, key: scram-256 }',
  ],
  [
    'SCRAM-SHA-512',
    'mechanism: scram-sha-512, username: stocks, passwordSecretRef: { name: login, key: scram }',
  ],
])('a login by %s over TLS', async (_name, sasl) => {
  expect(await topicsSeen(`${CA}, sasl: { ${sasl} }`, kafka.saslSsl)).toBe('unseen');
});

test('a login by OAUTHBEARER, with a token that is asked for once and used for all connections', async () => {
  const login = (key: string): string =>
    `mechanism: oauthbearer, tokenEndpoint: "${tokens.url}", clientId: stocks-client, clientSecretRef: { name: login, key: ${key} }, scope: kafka`;
  expect(await topicsSeen(`${CA}, sasl: { ${login('plain')} }`, kafka.saslSsl)).toBe('unseen');
  expect(tokens.given).toBe(1);
  await expect(topicsSeen(`${CA}, sasl: { ${login('wrong')} }`, kafka.saslSsl)).rejects.toMatchObject({
    code: 'KAFKA_TOKEN_REFUSED',
    message: `The token endpoint ${tokens.url} answered 401, invalid_client, and gave no token.`,
  });
});

test('a login by the certificate of a KafkaUser', async () => {
  const own = 'certificateSecretRef: { name: user, certificate: user.crt, privateKey: user.key }';
  const mutual = `tls: { caSecretRef: { name: kafka-ca, key: ca.crt }, ${own} }`;
  expect(await topicsSeen(mutual, kafka.mutualTls)).toBe('unseen');
  await grant(kafka.cluster.brokers, 'CN=stocks', [
    { resource: 'topic', name: 'stocks', pattern: 'literal', operation: 'Read', why: '' },
  ]);
  expect(await topicsSeen(mutual, kafka.mutualTls)).toBe('there');
});

const SCRAM = `${CA}, sasl: { mechanism: scram-sha-512, username: stocks, passwordSecretRef: { name: login, key: scram } }`;

test.each([
  [
    'a wrong password',
    () => `bootstrapServers: "${kafka.saslSsl}", ${SCRAM.replace('key: scram', 'key: wrong')}`,
    /^tidemark: The broker at \S+ refused the login of the user stocks \(SCRAM-SHA-512\)/,
    'Check spec.kafka.sasl: mechanism and username, and the password in key wrong of the Secret login.',
  ],
  [
    'a login where the broker wants a certificate',
    () => `bootstrapServers: "${kafka.mutualTls}", ${SCRAM}`,
    /^tidemark: The broker at \S+ does not take our certificate, or wants one and got none: [a-z/ ]+\.$/,
    'certificateSecretRef',
  ],
  [
    'a certificate authority that did not sign the certificate of the broker',
    () => `bootstrapServers: "${kafka.saslSsl}", tls: {}`,
    /^tidemark: The broker at \S+ shows a certificate that is not trusted: [a-z ]+\.$/,
    'Name the authority that signed it in tls.caSecretRef.',
  ],
  [
    'TLS at a port without it',
    () => `bootstrapServers: "${kafka.cluster.brokers[0]}", ${CA}`,
    /^tidemark: The broker at \S+ does not speak TLS at this port/,
    'TLS',
  ],
  [
    'a broker that answers from the wrong address',
    () => `bootstrapServers: "${kafka.misadvertised}"`,
    /^tidemark: A broker of \S+ says that 127.0.0.1:\d+ is its address, and that cannot be reached: connect ECONNREFUSED/,
    'Correct advertised.listeners of the broker',
  ],
  [
    'a Secret that is not mounted',
    () => `bootstrapServers: "${kafka.saslSsl}", tls: { caSecretRef: { name: nowhere, key: ca.crt } }`,
    /^tidemark: cannot read the key ca.crt of the Secret nowhere at \S+: no such file or directory/,
    'Mount the Secret nowhere there',
  ],
])('%s is told in one line with its remedy', async (_name, connection, message, remedy) => {
  const told = await failureOf(pipeline(connection()));
  expect(told.line).toMatch(message);
  expect(told.remedy).toContain(remedy);
});

test('an expired certificate of the broker is told as such, and one of ours too', async () => {
  await kafka.useCertificate(kafka.authority.issue('broker', { days: -1 }), kafka.authority.certificate);
  try {
    const told = await failureOf(pipeline(`bootstrapServers: "${kafka.saslSsl}", ${SCRAM}`));
    expect(told.line).toMatch(/shows a certificate that has expired, or is not good yet\.$/);
    expect(told.remedy).toBe('Renew the certificate of the server, and check the clocks of both.');
  } finally {
    await kafka.useCertificate(kafka.authority.issue('broker'), kafka.authority.certificate);
  }
  const { certificate, privateKey } = kafka.authority.issue('stocks', { days: -1 });
  secrets.set('expired', { 'tls.crt': certificate, 'tls.key': privateKey });
  const own =
    'tls: { caSecretRef: { name: kafka-ca, key: ca.crt }, certificateSecretRef: { name: expired } }';
  // The listeners change over one after the other.
  const told = await until('the broker shows its good certificate', async () => {
    const failure = await failureOf(pipeline(`bootstrapServers: "${kafka.mutualTls}", ${own}`));
    return !failure.line.includes('shows a certificate that has expired') && failure;
  });
  expect(told.line).toMatch(
    /does not take our certificate, which expired at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/,
  );
  expect(told.remedy).toContain('Renew it');
});

test('a topic that does not exist is told with the command that makes it', async () => {
  const file = pipeline(`bootstrapServers: "${kafka.cluster.brokers[0]}"`, 'nowhere');
  expect(await failureOf(file)).toMatchObject({
    line: 'tidemark: The topic nowhere does not exist.',
    remedy: 'Create it: tidemark topics create nowhere',
  });
});

test('without any one of the least rights the error names that one; with all of them it runs', async () => {
  const { brokers } = kafka.cluster;
  const rules = accessRules({
    groupId: 'tidemark.stocks',
    topic: 'stocks',
    outputs: ['stocks_averages', 'stocks_late'],
  });
  await grant(brokers, 'stocks', rules);
  const file = pipeline(`bootstrapServers: "${kafka.saslSsl}", ${SCRAM}`);
  for (const rule of rules) {
    await revoke(brokers, 'stocks', rule);
    const told = await failureOf(file);
    expect(told.line).toBe(`tidemark: This user of Kafka lacks ${ruleInWords(rule)}.`);
    await grant(brokers, 'stocks', [rule]);
  }
  const aggregator = start(file);
  await until('it processes', () => aggregator.sawState('processing'));
  expect(await aggregator.end('SIGTERM')).toBe(0);
});

async function topicsSeen(security: string, broker: string): Promise<string | undefined> {
  const text = resource(`bootstrapServers: "${broker}", ${security}`);
  const connection = kafkaConnection(
    parsePipelineFile(text, { fileName: 'p.yaml' }).kafka,
    new SecretFolder(secrets.folder),
    {},
  );
  const log = new KeptLog();
  const client = kafkaClient({ ...connection, clientId: 'test', logger: log, retries: 1 });
  try {
    const { topics } = await topicStanding(client, ['stocks']);
    return topics[0].state;
  } catch (error) {
    throw kafkaTrouble(error, connection);
  } finally {
    for (const secret of SECRETS) expect(JSON.stringify(log)).not.toContain(secret);
  }
}

const SECRETS = [PASSWORD, PASSWORD.replaceAll(/[ ,=]/g, '-'), WRONG, 'scram-256-secret'];

/** What an aggregator says that ends by itself. */
async function failureOf(file: string): Promise<{ line: string; remedy: string }> {
  const aggregator = start(file);
  expect(await aggregator.ended(60_000)).toBeGreaterThan(0);
  for (const secret of SECRETS) expect(aggregator.log).not.toContain(secret);
  const lines = aggregator.log.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('tidemark: '));
  expect(lines.slice(at)).toHaveLength(2);
  return { line: lines[at], remedy: lines[at + 1].trim() };
}

function start(file: string): AggregatorProcess {
  const env = { TIDEMARK_SECRETS: secrets.folder };
  const aggregator = new AggregatorProcess(file, `pod-${running.length}`, undefined, undefined, env);
  running.push(aggregator);
  return aggregator;
}

function pipeline(connection: string, topic = 'stocks'): string {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(file, resource(connection, topic));
  return file;
}

function resource(connection: string, topic = 'stocks'): string {
  return `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: stocks }
spec:
  kafka: { ${connection} }
  input: { topic: ${topic}, priceDecimals: 2 }
  output: { topic: stocks_averages }
  late: { topic: stocks_late }
  windows: [ { size: 3s, slide: 1s } ]
`;
}
