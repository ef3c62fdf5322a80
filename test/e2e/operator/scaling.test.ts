import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import { aggregatorName } from '../../../src/resource/cluster-names.ts';
import { expectedResults, writtenResults } from '../../support/expected-results.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { readObject } from '../../support/kube-objects.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorInCluster } from '../../support/operator-in-cluster.ts';
import { writePacedThroughFaults } from '../../support/paced-trades.ts';
import { podsImage } from '../../support/pods-image.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { ReplicaHistory, wantedReplicas } from '../../support/replica-history.ts';
import { readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

// An aggregator that asks for a hundredth of a core is taken to fold 5,000 trades/s until more is seen of it: a load that
// a small machine can write and recompute asks for several.
const BURST_PER_SECOND = 12_000;
const RESOURCES = { requests: { cpu: '10m', memory: '64Mi' } };
/** The autoscaler looks every 15 s where its cluster says nothing else, and waits for a metric that has just come. */
const AUTOSCALER_WITHIN_MS = 90_000;
const LOOKS_OF_THE_AUTOSCALER_MS = 35_000;

const cluster = kubeCluster();
let kafka: KafkaCluster;
let redis: RedisServer;
let operator: OperatorInCluster;
let pipeline: MovingAverageInCluster;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  const image = podsImage();
  await installCrd(cluster.client);
  operator = new OperatorInCluster(cluster.client, cluster.namespace, {
    image,
    aggregators: { resources: RESOURCES },
  });
  [kafka, redis] = await Promise.all([startKafka({ host, own: true }), startRedis({ host, own: true })]);
  await operator.apply();
  pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, 'burst');
  await pipeline.apply({
    kafka: { bootstrapServers: kafka.brokers },
    redis: { url: redis.url },
    input: { topic: 'stocks', partitions: 4, priceDecimals: 2 },
    output: { topic: 'averages' },
    late: { topic: 'late' },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: '1s', idleAfter: '3s' },
    scaling: { minReplicas: 1, maxReplicas: 4, catchUpWithin: '20s' },
  });
  await pipeline.becomes('Ready', 'Running', 120_000);
});

afterAll(async () => {
  await operator.removeRights();
  await Promise.all([kafka.stop(), redis.stop()]);
});

test('a burst gets the aggregators that it asks for, step by step upwards, and no window is lost or wrong', async () => {
  await pipeline.becomes('ScalingActive', 'Following', AUTOSCALER_WITHIN_MS); // nothing arrives yet
  const history = new ReplicaHistory(cluster.client, cluster.namespace, pipeline.name);
  await until('the history has begun', () => history.steps.length > 0);
  await writtenFor(60);
  await until('there are more', () => history.steps.length > 1, AUTOSCALER_WITHIN_MS);
  history.stop();
  expect(history.steps[0]).toBe(1);
  expect(history.steps).toEqual(history.steps.toSorted());

  const input = await readTopic(kafka.brokers, 'stocks', 10_000);
  const { results, late } = expectedResults(input, [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }], 1_000);
  await until('all results are written', async () => (await countOf('averages')) >= results.size, 120_000);
  expect(writtenResults(await readTopic(kafka.brokers, 'averages', 10_000))).toEqual(results);
  expect(await readTopic(kafka.brokers, 'late', 10_000)).toHaveLength(late.size);
  const told = (await pipeline.events()).filter(({ reason }) => reason === 'ReplicasDesired');
  expect(told.map(({ note }) => note)).toContainEqual(
    expect.stringMatching(
      /^1[\d,]+ trades\/s arrive, [\d,]+ wait; one aggregator [a-z ]+ [\d,]+\/s: [234] aggregators/,
    ),
  );
});

test('while no broker answers the autoscaler gets an error and holds, the condition says why, and then it follows again', async () => {
  const running = await replicas();
  expect(running).toBeGreaterThan(1);
  await kafka.nodes[0].kill();
  const { message } = await pipeline.becomes('ScalingActive', 'KafkaUnreachable', AUTOSCALER_WITHIN_MS);
  expect(message).toMatch(/^the load cannot be read, and as many aggregators as there are go on: /);
  await autoscalerGetsNothing();
  expect(await replicas()).toBe(running);
  await kafka.nodes[0].start();
  await pipeline.becomes('ScalingActive', 'Following', AUTOSCALER_WITHIN_MS);
});

test('while no operator runs the autoscaler holds, though it would take some away at once', async () => {
  const running = await replicas();
  expect(running).toBeGreaterThan(1);
  await operator.scaleTo(0);
  // Nobody is there to put this right: the metric of a pipeline without a load would end aggregators at the next look.
  await cluster.client.send({
    method: 'PATCH',
    path: pathOf(KINDS.HorizontalPodAutoscaler, cluster.namespace, aggregatorName(pipeline.name)),
    contentType: 'application/merge-patch+json',
    body: { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } } },
  });
  await autoscalerGetsNothing();
  const history = new ReplicaHistory(cluster.client, cluster.namespace, pipeline.name);
  await new Promise((resolve) => setTimeout(resolve, LOOKS_OF_THE_AUTOSCALER_MS));
  history.stop();
  expect(history.steps).toEqual([running]);
  await operator.scaleTo(2);
  await pipeline.becomes('ScalingActive', 'Following', AUTOSCALER_WITHIN_MS);
});

/** Trades for so many seconds from now on, by Kafka's own producer. */
async function writtenFor(seconds: number): Promise<void> {
  const trades = tradesFromNow(seconds * BURST_PER_SECOND, BURST_PER_SECOND);
  await writePacedThroughFaults(kafka.brokers, 'stocks', trades, BURST_PER_SECOND);
}

async function countOf(topic: string): Promise<number> {
  const offsets = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

function replicas(): Promise<number> {
  return wantedReplicas(cluster.client, cluster.namespace, pipeline.name);
}

/** It has looked, and was told of an error instead of a number. */
async function autoscalerGetsNothing(): Promise<void> {
  await until(
    'the autoscaler gets no number',
    async () => {
      const { status } = (await readObject(
        cluster.client,
        KINDS.HorizontalPodAutoscaler,
        cluster.namespace,
        aggregatorName(pipeline.name),
      )) as { status?: { conditions?: { type: string; status: string; reason: string }[] } };
      const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
      return active?.status === 'False' && active.reason === 'FailedGetExternalMetric';
    },
    AUTOSCALER_WITHIN_MS,
  );
}
