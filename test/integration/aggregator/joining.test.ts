import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { AggregatorProcess } from '../../support/aggregator-process.ts';
import { Fleet } from '../../support/fleet.ts';
import { freePorts } from '../../support/free-ports.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { deleteTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let fleet: Fleet | undefined;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka({ own: true }), startRedis()]);
});

afterEach(async () => {
  kafka.nodes[0].thaw();
  await fleet?.kill();
});

afterAll(async () => {
  await Promise.all([kafka.stop(), redis.stop()]);
});

async function newFleet(name: string): Promise<Fleet> {
  const options = { brokers: kafka.brokers, redisUrl: redis.url, folder, name, partitions: 2 };
  return (fleet = await Fleet.create({ ...options, delay: '1s', idleAfter: '1s' }));
}

test('a topic that does not exist ends the aggregator, with its name and what to do', async () => {
  const created = await newFleet('absent');
  await deleteTopic(kafka.brokers, 'absent_late');
  const [instance] = created.start();
  expect(await instance.ended(60_000)).toBe(1);
  expect(wordsOf(instance)).toBe(
    'tidemark: The topic absent_late does not exist.\n  Create it: tidemark topics create absent_late\n',
  );
});

test('without a broker the aggregator gives up after a while, and says why', async () => {
  const created = await newFleet('alone');
  const [port] = await freePorts(1);
  const [instance] = created.start(1, { brokers: [`127.0.0.1:${port}`] });
  expect(await instance.ended(60_000)).toBe(1);
  expect(wordsOf(instance)).toBe(
    `tidemark: The broker at 127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}.\n` +
      '  Check spec.kafka.bootstrapServers or TIDEMARK_KAFKA_BROKERS, that the broker runs, and the network.\n',
  );
});

test('SIGTERM ends an aggregator that finds no broker', async () => {
  const created = await newFleet('nobody');
  const [port] = await freePorts(1);
  const [instance] = created.start(1, { brokers: [`127.0.0.1:${port}`] });
  await until('it tries', () => instance.page('healthz'));
  await expectEndInOrder(instance);
});

test('SIGTERM ends an aggregator whose broker hangs while it joins', async () => {
  const created = await newFleet('hanging');
  kafka.nodes[0].freeze();
  const [instance] = created.start();
  await until('it tries', () => instance.page('healthz'));
  await expectEndInOrder(instance);
});

test('SIGTERM ends an aggregator that waits for a frozen one to rejoin, and leaves nobody behind', async () => {
  const created = await newFleet('waiting');
  const [frozen] = created.start();
  await created.processing();
  frozen.signal('SIGSTOP');
  const [joining] = created.start();
  await until('it joins', async () => (await membersOf('waiting')).includes(joining.instance));
  await expectEndInOrder(joining);
  created.instances.pop();
  expect(await membersOf('waiting')).not.toContain(joining.instance);
  frozen.signal('SIGCONT');
  await created.processing();
});

test('SIGTERM ends an aggregator whose broker hangs after it has taken over', async () => {
  const created = await newFleet('stuck');
  const [instance] = created.start();
  await created.processing();
  kafka.nodes[0].freeze();
  await expectEndInOrder(instance);
});

/** Within the 30 s that Kubernetes gives. */
async function expectEndInOrder(instance: AggregatorProcess): Promise<void> {
  instance.signal('SIGTERM');
  const code = await instance.ended(30_000);
  expect(wordsOf(instance)).toBe('');
  expect(code).toBe(0);
}

/** The instances that are members of the pipeline's group, or about to be. */
async function membersOf(pipeline: string): Promise<string[]> {
  const { groups } = await withAdmin(kafka.brokers, (admin) =>
    admin.describeGroups([`tidemark.${pipeline}`]),
  );
  return groups[0].members.map(({ clientId }) => clientId);
}

/** What it said that is no line of the log. */
function wordsOf(instance: AggregatorProcess): string {
  return instance.log.replace(/^\{.*\}\n/gm, '');
}
