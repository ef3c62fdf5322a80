import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aggregatorName } from '../../../src/resource/cluster-names.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { kubectl } from '../../support/kubectl.ts';
import { LoadedPipeline } from '../../support/loaded-pipeline.ts';
import { installCrd } from '../../support/moving-average.ts';
import { OperatorInCluster } from '../../support/operator-in-cluster.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';

/*
 * For a cluster whose external metrics another one serves, as TIDEMARK_E2E_PROVIDER says:
 *   keda         KEDA, as it is installed
 *   prometheus   prometheus-adapter by the rule of docs/operations.md, and a Prometheus that reads what PodMonitors say
 * Each test goes on from where the one before it has left the pipeline.
 */
const cluster = kubeCluster();
const { TIDEMARK_E2E_IMAGE: image, TIDEMARK_E2E_HOST: host } = process.env;
const metrics = process.env.TIDEMARK_E2E_PROVIDER === 'keda' ? 'keda' : 'prometheus';
const name = 'busy';
const ownAutoscaler = aggregatorName(name);
const theirAutoscaler = { keda: `keda-hpa-${ownAutoscaler}`, prometheus: ownAutoscaler }[metrics];
let operator: OperatorInCluster;
let kafka: KafkaCluster;
let redis: RedisServer;
let pipeline: LoadedPipeline;

beforeAll(async () => {
  if (!image || !host) {
    throw new Error(
      'These tests run pods: set TIDEMARK_E2E_IMAGE to an image of this checkout that the nodes have, and TIDEMARK_E2E_HOST to the address of this machine.',
    );
  }
  await installCrd(cluster.client);
  [kafka, redis] = await Promise.all([startKafka({ host, own: true }), startRedis({ host, own: true })]);
  const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '384Mi' } };
  const podMonitor = metrics === 'prometheus';
  operator = new OperatorInCluster(cluster.client, cluster.namespace, { image, resources, podMonitor });
  await operator.apply();
  await until('both operators are ready', async () => (await operator.readyPods()).length === 2, 90_000);
  const { brokers } = kafka;
  pipeline = new LoadedPipeline(cluster.client, cluster.namespace, { name, brokers, redisUrl: redis.url });
});

afterAll(async () => {
  await pipeline.resource.remove();
  await until('the pipeline is gone', async () => (await pipeline.resource.read()) === undefined, 60_000);
  await operator.removeRights();
  await Promise.all([kafka.stop(), redis.stop()]);
});

test('the number comes through, and aggregators become more under load', async () => {
  await pipeline.scaleBy(metrics);
  const following = await pipeline.resource.becomes('ScalingActive', 'Following', 180_000);
  expect(following.message).toMatch(/: 1 aggregator.*; 1 run$/);
  expect(await pipeline.autoscalers()).toMatchObject([{ metadata: { name: theirAutoscaler } }]);
  await pipeline.load(kafka.brokers);
  await pipeline.resource.becomes('Progressing', 'RolledOut', 120_000);
  await pipeline.resource.becomes('ScalingActive', 'Following');
});

test('while the operator is away the autoscaler gets an error, and as many aggregators go on', async () => {
  scaleOperator(0);
  await until('no operator runs', async () => (await operator.readyPods()).length === 0, 60_000);
  expect((await pipeline.autoscalerIs('False')).reason).toBe('FailedGetExternalMetric');
  expect(await pipeline.replicas()).toBe(4);
  scaleOperator(2);
  await until('both operators are ready', async () => (await operator.readyPods()).length === 2, 90_000);
  await pipeline.autoscalerIs('True');
  await pipeline.resource.becomes('ScalingActive', 'Following', 90_000);
  expect(await pipeline.replicas()).toBe(4);
});

test('from the other one to the operator and back there is one autoscaler, and no aggregator comes or goes', async () => {
  const seen = new Set<number | undefined>();
  const onlyAutoscalerIs = (wanted: string) =>
    until(
      `${wanted} is the only autoscaler`,
      async () => {
        seen.add(await pipeline.replicas());
        const names = (await pipeline.autoscalers()).map((autoscaler) => autoscaler.metadata.name);
        return names.length === 1 && names[0] === wanted;
      },
      60_000,
    );
  await pipeline.scaleBy('operator');
  await pipeline.resource.becomes('ScalingActive', 'OtherProvider');
  await onlyAutoscalerIs(ownAutoscaler);
  await pipeline.scaleBy(metrics);
  await onlyAutoscalerIs(theirAutoscaler);
  await pipeline.autoscalerIs('True');
  await pipeline.resource.becomes('ScalingActive', 'Following', 90_000);
  seen.add(await pipeline.replicas());
  expect([...seen]).toEqual([4]);
});

test('while no broker answers the autoscaler gets an error, and the condition names the brokers', async () => {
  await kafka.stop();
  await pipeline.resource.becomes('ScalingActive', 'KafkaUnreachable', 120_000);
  expect((await pipeline.autoscalerIs('False')).reason).toBe('FailedGetExternalMetric');
  expect(await pipeline.replicas()).toBe(4);
});

function scaleOperator(replicas: number): void {
  const deployment = ['deployment', 'tidemark-operator', '--namespace', cluster.namespace];
  const { status, stderr } = kubectl(['scale', ...deployment, `--replicas=${replicas}`]);
  if (status !== 0) throw new Error(stderr);
}
