import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { pipelineObjects } from '../../../cdk8s/pipeline/pipeline-objects.ts';
import { OperatorKafka } from '../../../src/cli/operator-kafka.ts';
import type { ApiClient } from '../../../src/kube/api-client.ts';
import { desiredPipeline } from '../../../src/operator/desired-pipeline.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { PipelineKnowledge } from '../../../src/operator/pipeline-knowledge.ts';
import { ScalingReconciler } from '../../../src/operator/scaling-reconciler.ts';
import type { MovingAverageObject } from '../../../src/resource/moving-average.ts';
import { ArrivalRate } from '../../../src/scaling/arrival-rate.ts';
import { totalLag, type LoadReading } from '../../../src/scaling/load-reading.ts';
import { ReplicaRate } from '../../../src/scaling/replica-rate.ts';
import type { AggregatorProcess } from '../../support/aggregator-process.ts';
import { Fleet } from '../../support/fleet.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { SURROUNDINGS } from '../../support/manifest-objects.ts';
import { MemoryCluster } from '../../support/memory-cluster.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { javaProducer, producerLine } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const PARTITIONS = 4;
const folder = temporaryFolder();
let kafka: KafkaCluster;
let redis: RedisServer;
let fleet: Fleet | undefined;
let operator: OperatorKafka;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka({ own: true }), startRedis()]);
  // Without a login no Secret is read.
  operator = new OperatorKafka(undefined as unknown as ApiClient, pino({ level: 'silent' }));
});

afterEach(() => fleet?.kill());

afterAll(async () => {
  await operator.close();
  await Promise.all([kafka.stop(), redis.stop()]);
});

test('what waits and what arrives are read from the topic, also while nobody reads it', async () => {
  await newFleet('arriving');
  const empty = await until('a fresh broker has found a coordinator', () => load('arriving'));
  expect(empty).toMatchObject({ group: { state: 'empty', members: [] } });
  expect([empty.partitions.length, totalLag(empty)]).toEqual([PARTITIONS, 0]);

  const arrival = new ArrivalRate();
  arrival.observe(empty);
  const written = await writePaced(kafka.brokers, 'arriving', tradesFromNow(6_000, 2_000), 2_000);
  const after = await load('arriving');
  arrival.observe(after);
  expect(totalLag(after)).toBe(written);
  const seconds = (after.atMs - empty.atMs) / 1000;
  expect(arrival.perSecond).toBeCloseTo(written / seconds, 6);
});

test('what two aggregators with a backlog fold is the rate of one, as they count it themselves', async () => {
  const created = await newFleet('backlog');
  await writeCostly('backlog', 1_200_000);
  created.start(2);
  await created.processing();
  const settled = await until('the group is settled', async () => {
    const reading = await load('backlog');
    return reading.group.state === 'settled' && reading;
  });
  expect(settled.group.members.flatMap(({ partitions }) => partitions).sort()).toEqual([0, 1, 2, 3]);

  const rate = new ReplicaRate(30_000);
  const counted: { atMs: number; records: number }[] = [];
  const measured = async (): Promise<boolean> => {
    const reading = await load('backlog');
    rate.observe(reading);
    counted.push({ atMs: performance.now(), records: await foldedBy(created.instances) });
    if (rate.isMeasured) return true;
    if (totalLag(reading) === 0) throw new Error('Nothing waits any more.');
    await delay(1_000); // the operator waits five seconds
    return false;
  };
  await until('it was measured', measured, 100_000);
  const [first, last] = [counted[0], counted[counted.length - 1]];
  const each = ((last.records - first.records) * 1000) / (last.atMs - first.atMs) / 2;
  expect(rate.perSecond).toBeGreaterThan(each * 0.6);
  expect(rate.perSecond).toBeLessThan(each * 1.6);
});

test('with the broker the number is gone, with a reason; it is back with the broker', async () => {
  await newFleet('blind');
  const cluster = new MemoryCluster();
  const resource = resourceOf('blind');
  cluster.putResource(resource);
  const surroundings = { ...SURROUNDINGS, hasStrimzi: false };
  for (const object of pipelineObjects(resource as unknown as MovingAverageObject, surroundings))
    cluster.put(object);
  const knowledge = new PipelineKnowledge();
  const scaling = new ScalingReconciler({
    view: cluster,
    effects: cluster,
    kafka: operator,
    knowledge,
    onFound: () => undefined,
    nowMs: Date.now,
  });
  const known = () => knowledge.of('trading/blind').scaling;
  await scaling.reconcile('trading/blind');
  await scaling.reconcile('trading/blind');
  expect(known()?.status).toMatchObject({ desiredReplicas: 1, arrivalPerSecond: 0, lag: 0 });

  const [broker] = kafka.nodes;
  await broker.kill();
  await expect(scaling.reconcile('trading/blind')).rejects.toThrow();
  expect(known()?.blind).toMatchObject({ status: 'False', reason: 'KafkaUnreachable' });
  expect(known()?.status.desiredReplicas).toBeUndefined();
  expect(known()?.status.message).toMatch(
    /^the load cannot be read, and as many aggregators as there are go on/,
  );

  await broker.start();
  await until('the number is back', async () => {
    await scaling.reconcile('trading/blind').catch(() => undefined);
    return known()?.status.desiredReplicas === 1;
  });
  expect(known()?.blind).toBeUndefined();
});

async function newFleet(name: string): Promise<Fleet> {
  const options = { brokers: kafka.brokers, redisUrl: redis.url, folder, name, partitions: PARTITIONS };
  return (fleet = await Fleet.create({ ...options, delay: '0s', idleAfter: '60s' }));
}

function load(name: string): Promise<LoadReading> {
  const { pipeline } = desiredPipeline(resourceOf(name));
  if (pipeline === undefined) throw new Error('The resource has mistakes.');
  return operator.load({ namespace: 'trading', pipeline });
}

function resourceOf(name: string): KubeObject {
  return {
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { name, namespace: 'trading', uid: name, generation: 1 },
    spec: {
      kafka: { bootstrapServers: kafka.brokers },
      input: { topic: name, partitions: PARTITIONS },
      output: { topic: `${name}_averages` },
      windows: [{ size: '3s', slide: '1s' }],
      scaling: { maxReplicas: PARTITIONS },
    },
  };
}

/** Each trade closes windows of its partition with many results, so that a few hundred thousand take a while. */
async function writeCostly(topic: string, count: number): Promise<void> {
  const { input, ended } = javaProducer(kafka.brokers, topic);
  for (let i = 0; i < count; i += 1_000) {
    const lines = Array.from({ length: 1_000 }, (_, each) => {
      const timeMs = 1_600_000_000_000 + (i + each) * 500;
      const key = `S${(i + each) % 40}`;
      return producerLine({ key, value: `${key},BUY ,12.34,5,${timeMs},x` });
    });
    if (!input.write(lines.join(''))) await new Promise((resolve) => input.once('drain', resolve));
  }
  input.end();
  await ended;
}

async function foldedBy(instances: readonly AggregatorProcess[]): Promise<number> {
  const pages = await Promise.all(instances.map((instance) => instance.page('metrics')));
  return pages.reduce((sum, page) => sum + Number(/^tidemark_records_total (\d+)/m.exec(page)?.[1] ?? 0), 0);
}
