import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Finding } from '../../../src/cli/finding.ts';
import { Authority } from '../../support/certificates.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startSecuredRedis, type SecuredRedis } from '../../support/redis-server.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Tidemark, type Finished } from '../../support/tidemark.ts';
import { withAdmin } from '../../support/topics.ts';

const PASSWORD = 'redis-secret-7f3a';
const folder = temporaryFolder();
const secrets = new MountedSecrets(join(folder, 'secrets'));
let authority: Authority;
let kafka: KafkaCluster;
let redis: SecuredRedis;
let admin: Redis;

beforeAll(async () => {
  authority = new Authority(folder, 'ca');
  kafka = await startKafka({ own: true });
  const commands = '+ping +select +eval +evalsha +hset +hmget +hgetall +hlen +zadd +zcard +zrange';
  redis = await startSecuredRedis(folder, authority, [
    `tidemark on >${PASSWORD} ~tidemark:* ${commands} +zremrangebyscore +del +pexpire`,
    `reader on >${PASSWORD} ~tidemark:* +ping +select +eval +evalsha +hgetall +zrange`,
  ]);
  admin = new Redis(redis.url);
  const own = authority.issue('stocks');
  const expired = authority.issue('stocks', { days: -1 });
  const ca = { 'ca.crt': authority.certificate };
  secrets.set('redis', { ...ca, 'tls.crt': own.certificate, 'tls.key': own.privateKey, password: PASSWORD });
  secrets.set('expired', { ...ca, 'tls.crt': expired.certificate, 'tls.key': expired.privateKey });
  secrets.set('wrong', { password: 'hunter2-hunter2' });
});

afterAll(async () => {
  admin.disconnect();
  await Promise.all([kafka.stop(), redis.stop()]);
});

test('topics are created, listed, described with the lag of groups, and deleted after asking', async () => {
  const file = pipeline();
  const created = await run('topics', 'create', '--pipeline', file, '--retention', '7d');
  expect(created).toMatchObject({ code: 0, stdout: 'created stocks\ncreated stocks_averages\n' });
  const again = await run('topics', 'create', 'stocks', '--pipeline', file, '--json');
  expect(JSON.parse(again.stdout)).toEqual([{ topic: 'stocks', created: false }]);

  const brokers = ['--brokers', kafka.brokers.join(',')];
  const list = await run('topics', 'list', ...brokers);
  expect(columns(list.stdout)).toEqual([
    ['TOPIC', 'PARTITIONS', 'REPLICAS', 'OFFSETS'],
    ['stocks', '3', '1', '0'],
    ['stocks_averages', '3', '1', '0'],
  ]);
  await writePaced(
    kafka.brokers,
    'stocks',
    Array.from({ length: 9 }, () => ({ key: 'A', value: 'x' })),
    1000,
  );
  const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '0' }));
  await withAdmin(kafka.brokers, (client) =>
    client.setOffsets({ groupId: 'readers', topic: 'stocks', partitions }),
  );
  const described = await run('topics', 'describe', 'stocks', ...brokers, '--json');
  expect(JSON.parse(described.stdout)).toMatchObject({
    topic: 'stocks',
    partitions: [0, 1, 2].map((partition) => ({ partition, leader: 1, replicas: [1], firstOffset: 0 })),
    config: { 'retention.ms': '604800000' },
    groups: [{ groupId: 'readers', lagRecords: 9 }],
  });

  const unasked = await run('topics', 'delete', 'stocks_averages', ...brokers);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain('nobody can be asked whether to delete stocks_averages (0 offsets)');
  const deleted = await run('topics', 'delete', 'stocks_averages', '--yes', ...brokers);
  expect(deleted).toMatchObject({ code: 0, stdout: 'deleted stocks_averages\n' });
  const missing = await run('topics', 'describe', 'stocks_averages', ...brokers);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('The topic stocks_averages does not exist.');
  await run('topics', 'create', 'stocks_averages', ...brokers);
});

test('topics create says what Kafka has against a topic, and against which', async () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(
      'topics',
      'create',
      ...args,
      '--brokers',
      kafka.brokers.join(','),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    return stderr;
  };
  expect(await refused('no name')).toMatch(
    /to create the topic no name: .*INVALID_TOPIC_EXCEPTION.*\n {2}Name it/,
  );
  expect(await refused('many', '--replication', '9')).toMatch(
    /the topic many: .*\n {2}Ask for as many replicas/,
  );
  expect(await refused('odd', '--config', 'a=b')).toMatch(
    /the topic odd: .*\n {2}Check the names and values/,
  );
});

test('what is no address of a broker is told before anything is asked', async () => {
  const { code, stderr } = await run('topics', 'list', '--brokers', 'kafka');
  expect(code).toBe(2);
  expect(stderr).toContain('"kafka" is no address of a broker');
});

test('check: all that a sound pipeline names is there', async () => {
  const { code, findings } = await checked(pipeline());
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.map(({ subject }) => subject)).toEqual([
    'pipeline file',
    'Secret redis, key ca.crt',
    'Secret redis, key tls.crt',
    'Secret redis, key tls.key',
    'Secret redis, key password',
    `broker ${kafka.brokers[0]}`,
    'Kafka login',
    'topic stocks',
    'topic stocks_averages',
    'right: Read on the topic stocks',
    'right: Write on the topic stocks_averages',
    'right: Read on the group tidemark.stocks',
    'right: Write on the transactional ids that begin with tidemark.stocks-stocks-',
    `Redis ${redis.secureUrl.slice('rediss://'.length)}`,
  ]);
  expect(code).toBe(0);
});

test.each([
  ['wrong password', { password: 'wrong' }, 'CHECKPOINT_ACCESS_DENIED', 'refused the login'],
  [
    'user that may not write',
    { user: 'reader' },
    'CHECKPOINT_ACCESS_DENIED',
    'refused the login or a command',
  ],
  ['expired certificate of ours', { certificate: 'expired' }, 'CHECKPOINT_CERTIFICATE', 'which expired at'],
])('check of a Redis with a %s', async (_name, given, code, message) => {
  const found = await redisFinding(pipeline(given));
  expect(found).toMatchObject({ ok: false, code });
  expect(found?.message).toContain(message);
  expect(found?.remedy).not.toBe('');
});

test('check of a Redis that is full, and of one that is a replica', async () => {
  await admin.config('SET', 'maxmemory', '1');
  expect(await redisFinding(pipeline())).toMatchObject({
    code: 'CHECKPOINT_FULL',
    remedy: expect.stringContaining('Raise its maxmemory'),
  });
  await admin.config('SET', 'maxmemory', '0');
  await admin.replicaof('127.0.0.1', 1);
  expect(await redisFinding(pipeline())).toMatchObject({
    code: 'CHECKPOINT_READ_ONLY',
    remedy: expect.stringContaining('Let the address lead to the primary'),
  });
  await admin.replicaof('NO', 'ONE');
});

test('check says what to do in words, and ends with 1', async () => {
  const { code, stdout } = await run('check', pipeline({ output: 'nowhere' }));
  expect(code).toBe(1);
  expect(stdout).toContain(
    '✗ topic nowhere: The topic nowhere does not exist.\n    Create it: tidemark topics create nowhere\n',
  );
  expect(stdout).toContain('✓ topic stocks: has 3 partitions\n');
  const unmounted = await run('check', pipeline({ password: 'unmounted' }));
  expect(unmounted.code).toBe(1);
  expect(unmounted.stdout).toContain('✗ Secret unmounted, key password: cannot read the key password');
});

async function redisFinding(file: string): Promise<Finding | undefined> {
  const { code, findings } = await checked(file);
  expect(code).toBe(1);
  return findings.find(({ subject }) => subject.startsWith('Redis '));
}

async function checked(file: string): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout } = await run('check', file, '--json');
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

/** No output of a command ever holds a secret. */
async function run(...args: string[]): Promise<Finished> {
  const env = { TIDEMARK_SECRETS: secrets.folder };
  const finished = await new Tidemark(args, { env }).finished;
  for (const secret of [PASSWORD, 'hunter2-hunter2', 'PRIVATE KEY'])
    expect(finished.stdout + finished.stderr).not.toContain(secret);
  return finished;
}

function columns(table: string): string[][] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
}

function pipeline({
  output = 'stocks_averages',
  user = 'tidemark',
  password = 'redis',
  certificate = 'redis',
} = {}): string {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: stocks }
spec:
  kafka: { bootstrapServers: "${kafka.brokers[0]}" }
  redis:
    url: ${redis.secureUrl}
    username: ${user}
    passwordSecretRef: { name: ${password}, key: password }
    tls: { caSecretRef: { name: redis, key: ca.crt }, certificateSecretRef: { name: ${certificate} } }
  input: { topic: stocks, partitions: 3 }
  output: { topic: ${output} }
  windows: [ { size: 3s } ]
`,
  );
  return file;
}
