import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PartitionStanding } from '../../../src/kafka/group-partitions.ts';
import type { PodShown } from '../../../src/cli/status-text.ts';
import type { PipelineStatus } from '../../../src/operator/status.ts';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { tradesFromNow } from '../../support/live-trades.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { podsImage } from '../../support/pods-image.ts';
import { Tidemark, type Finished } from '../../support/tidemark.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
let kafka: KafkaCluster;
let operator: OperatorProcess;

beforeAll(async () => {
  const { TIDEMARK_E2E_HOST: host = '127.0.0.1', KUBECONFIG = '' } = process.env;
  const image = podsImage();
  await installCrd(cluster.client);
  kafka = await startKafka({ host, own: true });
  const { namespace } = cluster;
  operator = new OperatorProcess({ namespace, kubeconfig: KUBECONFIG, instance: 'e2e', image });
});

afterAll(async () => {
  await operator.end();
  await kafka.stop();
});

interface StatusJson {
  readonly name: string;
  readonly status: Partial<PipelineStatus>;
  readonly pods: readonly PodShown[];
  readonly partitions: readonly PartitionStanding[] | null;
  readonly partitionsUnknown?: string;
}

function status(...args: string[]): Promise<Finished> {
  return new Tidemark(['status', ...args]).finished;
}

async function statusJson(...args: string[]): Promise<StatusJson> {
  const run = await status(...args, '--namespace', cluster.namespace, '--json');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout) as StatusJson;
}

function spec(topic: string, more: Partial<SpecInput> = {}): SpecInput {
  return {
    kafka: { bootstrapServers: kafka.brokers.join(',') },
    input: { topic, partitions: 4, priceDecimals: 2 },
    output: { topic: `${topic}_averages` },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: '1s', idleAfter: '3s' },
    ...more,
  };
}

test('a pipeline that runs: conditions, pods, and of each partition the pod, the lag and the watermark', async () => {
  const pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, 'shown');
  await pipeline.apply(spec('shown', { replicas: 2 }));
  await pipeline.becomes('Progressing', 'RolledOut');
  const fromMs = Date.now();
  await writePaced(kafka.brokers, 'shown', tradesFromNow(4_000, 2_000), 2_000);
  const found = await until('all partitions are read to their end', async () => {
    const { partitions, ...rest } = await statusJson('shown');
    const isRead = partitions?.every(
      ({ lag, offset, owner }) => lag === 0 && offset !== null && owner !== null,
    );
    return partitions !== null && isRead === true && { ...rest, partitions };
  });
  const names = (await pipeline.pods()).map(({ metadata }) => metadata.name).sort();
  expect(found.pods.map(({ name }) => name).sort()).toEqual(names);
  expect(found.pods.every(({ ready, state }) => ready && state === 'Running')).toBe(true);
  expect(found.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  const owners = found.partitions.map(({ owner }) => owner ?? '');
  expect([...new Set(owners)].sort()).toEqual(names);
  const written = found.partitions.reduce((sum, { endOffset }) => sum + endOffset, 0);
  expect(written).toBe(4_000);
  for (const { watermark } of found.partitions) expect(watermark).toBeGreaterThan(fromMs - 10_000);
  expect(found.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });

  const { code, stdout } = await status('shown', '-n', cluster.namespace);
  expect(code).toBe(0);
  expect(stdout).toContain(`shown in namespace ${cluster.namespace}\n`);
  expect(stdout).toMatch(/^Ready +yes +\d+[smh] +Running +/m);
  expect(stdout).toMatch(/^aggregators +2 of 2 ready$/m);
  for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +yes +Running +0 .* \\d,\\d$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^3 +${owners[3]} +\\d+ +0 +20\\d\\d-`, 'm'));
});

test('brokers that cannot be reached from here are told, and the rest is shown', async () => {
  const found = await statusJson('shown', '--brokers', '127.0.0.1:1');
  expect(found.partitions).toBeNull();
  expect(found.partitionsUnknown).toContain('127.0.0.1:1 cannot be reached');
  expect(found.pods).toHaveLength(2);
  const { code, stdout } = await status('shown', '-n', cluster.namespace, '--brokers', '127.0.0.1:1');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^partitions are not shown: The broker at 127\.0\.0\.1:1 cannot be reached/m);
});

test('a spec with mistakes: what is wrong stands in the conditions', async () => {
  const pipeline = new MovingAverageInCluster(cluster.client, cluster.namespace, 'mistaken');
  await pipeline.apply(spec('mistaken', { windows: [{ size: '86400s', slide: '1ms' }] }));
  await pipeline.becomes('Degraded', 'InvalidSpec');
  const { code, stdout } = await status('mistaken', '-n', cluster.namespace);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Degraded +yes +\d+s +InvalidSpec +.*spec\.windows/m);
  expect(stdout).toMatch(/^partitions are not shown: the spec has mistakes/m);
});

test('a pipeline that is not there is told with those that are', async () => {
  const { code, stdout, stderr } = await status('shwon', '-n', cluster.namespace);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`there is no MovingAverage shwon in the namespace ${cluster.namespace}`);
  expect(stderr).toContain('Those that are: mistaken, shown.');
});
