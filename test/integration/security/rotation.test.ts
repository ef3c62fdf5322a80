import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { accessRules } from '../../../src/kafka/access-rules.ts';
import { AggregatorProcess } from '../../support/aggregator-process.ts';
import { Authority } from '../../support/certificates.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { tradesInOrder } from '../../support/live-trades.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startSecuredRedis, type SecuredRedis } from '../../support/redis-server.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import {
  grant,
  setScramPassword,
  startSecuredKafka,
  type SecuredKafka,
} from '../../support/secured-kafka.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createTopics, readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const SECRETS = {
  kafka: ['first-kafka-secret', 'second-kafka-secret'],
  redis: ['first-redis-secret', 'second-redis-secret'],
};
const REDIS_COMMANDS =
  '+ping +select +eval +evalsha +hset +hmget +hgetall +hlen +zadd +zcard +zrange +zremrangebyscore +del +pexpire';

const folder = temporaryFolder();
const secrets = new MountedSecrets(join(folder, 'secrets'));
let kafka: SecuredKafka;
let redis: SecuredRedis;
let redisAdmin: Redis;
const running: AggregatorProcess[] = [];
const release: (() => unknown)[] = [];

beforeAll(async () => {
  kafka = await startSecuredKafka(folder);
  release.push(() => kafka.stop());
  redis = await startSecuredRedis(folder, kafka.authority, [redisUser(SECRETS.redis[0])]);
  release.push(() => redis.stop());
  redisAdmin = new Redis(redis.url);
  release.push(() => {
    redisAdmin.disconnect();
  });
  await createTopics(kafka.cluster.brokers, { stocks: 2, stocks_averages: 2, stocks_late: 1 });
  await setScramPassword(kafka.cluster.brokers, 'stocks', SECRETS.kafka[0]);
  const outputs = ['stocks_averages', 'stocks_late'];
  await grant(
    kafka.cluster.brokers,
    'stocks',
    accessRules({ groupId: 'tidemark.stocks', topic: 'stocks', outputs }),
  );
  mount(kafka.authority, 0);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
});

afterAll(async () => {
  for (const undo of release.reverse()) await undo();
});

test('with the least rights on secured wires: killed, and passwords and certificates rotate without a restart; exact', async () => {
  const file = pipeline();
  const [first, second] = [start(file), start(file)];
  await until('both process', () => [first, second].every((each) => each.sawState('processing')), 90_000);
  const writing = writePaced(kafka.cluster.brokers, 'stocks', tradesInOrder(40_000, 2), 2_000);

  await first.end('SIGKILL');
  const third = start(file);
  await until('the third processes', () => third.sawState('processing'), 60_000);

  await rotateEverything();
  await until('the next login is by the new password', async () => (await redisLogins()) >= 2, 60_000);
  await writing;

  const input = await until(
    'the input can be read whole',
    async () => {
      const records = await readTopic(kafka.cluster.brokers, 'stocks', 8_000);
      return records.length === 40_000 && records;
    },
    90_000,
  );
  const { results } = expectedResults(input, [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }], 1_000);
  await until('all results are there', async () => (await resultCount()) >= results.size, 120_000);
  expect(writtenResults(await readTopic(kafka.cluster.brokers, 'stocks_averages', 5_000))).toEqual(results);
  expect(await redisAdmin.keys('tidemark:*')).not.toEqual([]);
  expect([second.hasEnded, third.hasEnded]).toEqual([false, false]);

  const pages = await Promise.all([second, third].map(pageOfMetrics));
  const told = [...pages, first.log, second.log, third.log].join('\n');
  for (const secret of [...SECRETS.kafka, ...SECRETS.redis]) expect(told).not.toContain(secret);
  expect(told).not.toContain('PRIVATE KEY');
  expect(await third.end('SIGTERM')).toBe(0);
});

/** New passwords on both sides and another authority; then both servers drop every connection. */
async function rotateEverything(): Promise<void> {
  const authority = new Authority(folder, 'second-ca');
  await setScramPassword(kafka.cluster.brokers, 'stocks', SECRETS.kafka[1]);
  await kafka.useCertificate(authority.issue('broker'), authority.certificate);
  await redisAdmin.call('ACL', 'SETUSER', ...redisUser(SECRETS.redis[1]).split(' '));
  mount(authority, 1);
  const [broker] = kafka.cluster.nodes;
  await broker.kill();
  await broker.start();
  await redisAdmin.call('CLIENT', 'KILL', 'USER', 'tidemark');
}

/** Kafka gets another authority, Redis keeps its own; what the client shows is new for both. */
function mount(authority: Authority, version: number): void {
  const own = kafka.authority.issue('stocks');
  secrets.set('kafka', { 'ca.crt': authority.certificate, password: SECRETS.kafka[version] });
  secrets.set('redis', {
    'ca.crt': kafka.authority.certificate,
    'tls.crt': own.certificate,
    'tls.key': own.privateKey,
    password: SECRETS.redis[version],
  });
}

function redisUser(password: string): string {
  return `tidemark reset on >${password} ~tidemark:* ${REDIS_COMMANDS}`;
}

async function redisLogins(): Promise<number> {
  const clients = String(await redisAdmin.call('CLIENT', 'LIST'));
  return clients.split('\n').filter((line) => line.includes('user=tidemark')).length;
}

async function resultCount(): Promise<number> {
  const offsets = await withAdmin(kafka.cluster.brokers, (admin) =>
    admin.fetchTopicOffsets('stocks_averages'),
  );
  const end = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  return end < 100 ? 0 : (await readTopic(kafka.cluster.brokers, 'stocks_averages', 5_000)).length;
}

async function pageOfMetrics(instance: AggregatorProcess): Promise<string> {
  const port = /"port":(\d+)/.exec(instance.log)?.[1] ?? 'unknown';
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

function start(file: string): AggregatorProcess {
  const env = { TIDEMARK_SECRETS: secrets.folder };
  const aggregator = new AggregatorProcess(file, `pod-${running.length}`, undefined, undefined, env);
  running.push(aggregator);
  return aggregator;
}

function pipeline(): string {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: stocks }
spec:
  kafka:
    bootstrapServers: "${kafka.saslSsl}"
    tls: { caSecretRef: { name: kafka, key: ca.crt } }
    sasl: { mechanism: scram-sha-512, username: stocks, passwordSecretRef: { name: kafka, key: password } }
  redis:
    url: ${redis.secureUrl}
    username: tidemark
    passwordSecretRef: { name: redis, key: password }
    tls: { caSecretRef: { name: redis, key: ca.crt }, certificateSecretRef: { name: redis } }
  input: { topic: stocks, priceDecimals: 2 }
  output: { topic: stocks_averages }
  late: { topic: stocks_late }
  windows: [ { size: 3s, slide: 1s } ]
  watermark: { delay: 1s, idleAfter: 3s }
`,
  );
  return file;
}
