import { connect } from 'node:tls';
import { expect, test } from '@jest/globals';
import { KINDS } from '../../../src/kube/kinds.ts';
import { aggregatorName } from '../../../src/resource/cluster-names.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { readObject } from '../../support/kube-objects.ts';
import { kubectl } from '../../support/kubectl.ts';
import type { MovingAverageInCluster } from '../../support/moving-average.ts';
import type { OperatorProcess } from '../../support/operator-process.ts';
import { portOf, ServingOperators } from '../../support/serving-operators.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
const operators = new ServingOperators(cluster);

test('kubectl shows the number that a status has, and the error of one that has none', async () => {
  await operators.serving();
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 7, message: '1,200 trades/s ask for 7' });
  const raw = `${operators.metrics.path}?labelSelector=pipeline%3D${pipeline.name}`;
  await until(
    'the number is served',
    async () => (await operators.metrics.values(pipeline.name)) as string[] | undefined,
  );
  const shown = kubectl(['get', '--raw', raw]);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    kind: 'ExternalMetricValueList',
    apiVersion: 'external.metrics.k8s.io/v1beta1',
    items: [
      { metricName: 'tidemark_desired_replicas', metricLabels: { pipeline: pipeline.name }, value: '7' },
    ],
  });
  const resources = kubectl(['api-resources', '--api-group', 'external.metrics.k8s.io', '--no-headers']);
  expect(resources.stdout).toMatch(/^tidemark_desired_replicas +external\.metrics\.k8s\.io\/v1beta1 +true/);
  await operators.say(pipeline, { message: 'no broker answers' });
  await until('it is an error with the words of the status', async () =>
    kubectl(['get', '--raw', raw]).stderr.includes(
      `MovingAverage ${pipeline.name}: ${await messageOf(pipeline)}`,
    ),
  );
});

test('the autoscaler follows the number, and holds what runs while there is none', async () => {
  await operators.serving();
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 3, message: 'three' });
  await operators.deployment(pipeline);
  await until('three are to run', async () => (await replicas(pipeline)) === 3, 90_000);
  expect((await autoscalerIs(pipeline, 'True')).message).toContain('successfully calculate');
  await operators.say(pipeline, { message: 'no broker answers' });
  expect(await autoscalerIs(pipeline, 'False')).toMatchObject({
    reason: 'FailedGetExternalMetric',
    message: expect.stringContaining(`MovingAverage ${pipeline.name}: `),
  });
  expect(await replicas(pipeline)).toBe(3);
  await operators.say(pipeline, { desiredReplicas: 5, message: 'five' });
  await until('five are to run', async () => (await replicas(pipeline)) === 5, 90_000);
});

test('an operator that does not lead serves as the leader does', async () => {
  const leader = await operators.serving();
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 2, message: 'two' });
  const other = await operators.started();
  operators.metrics.leadTo([await portOf(other)]);
  await until('it is ready', () => isReady(other));
  expect(other.leads).toBe(false);
  expect(leader.leads).toBe(true);
  await until('it answers', async () => String(await operators.metrics.values(pipeline.name)) === '2');
});

test('nobody is let in but the front proxy, and through it nobody without the right', async () => {
  const operator = await operators.serving();
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 2, message: 'two' });
  await expect(askedDirectly(await portOf(operator))).rejects.toThrow(
    /certificate required|ECONNRESET|alert|closed without/,
  );
  const raw = ['get', '--raw', `${operators.metrics.path}?labelSelector=pipeline=${pipeline.name}`];
  const nobody = kubectl([...raw, '--as', 'nobody']);
  expect(nobody.stderr).toContain(
    'is forbidden: User "nobody" cannot list resource "tidemark_desired_replicas"',
  );
  const autoscaler = ['--as', 'system:serviceaccount:kube-system:horizontal-pod-autoscaler'];
  await until('the autoscaler may', () => kubectl([...raw, ...autoscaler]).status === 0);
});

test('of a thousand requests 99 in 100 are answered in time', async () => {
  const operator = await operators.serving();
  const pipeline = await operators.scaled();
  await operators.say(pipeline, { desiredReplicas: 2, message: 'two' });
  await until('it answers', async () => String(await operators.metrics.values(pipeline.name)) === '2');
  const tookMs: number[] = [];
  for (let at = 0; at < 1_000; at++) {
    const startMs = performance.now();
    await operators.metrics.values(pipeline.name);
    tookMs.push(performance.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  const bySelf = await fetch(`http://127.0.0.1:${operator.port}/metrics`).then((page) => page.text());
  const counted = (name: string, labels: string) =>
    Number(
      new RegExp(`external_metrics_seconds_${name}\\{${labels}status="200"\\} (\\d+)`).exec(bySelf)?.[1],
    );
  const all = counted('count', '');
  const within = (seconds: number) => counted('bucket', `le="${seconds}",`);
  process.stdout.write(
    `through the API server: median ${tookMs[500].toFixed(1)} ms, 99 in 100 within ${tookMs[989].toFixed(1)} ms; ` +
      `by itself ${within(0.005)} of ${all} within 5 ms, ${within(0.02)} within 20 ms\n`,
  );
  // Both bounds leave room for a machine that is busy.
  expect(within(0.05) / all).toBeGreaterThan(0.99);
  expect(tookMs[989]).toBeLessThan(500);
});

async function isReady({ port }: OperatorProcess): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
}

/** Waits until its autoscaler says so of itself. */
async function autoscalerIs({ name }: MovingAverageInCluster, status: 'True' | 'False') {
  return until(
    `ScalingActive of the autoscaler is ${status}`,
    async () => {
      const { HorizontalPodAutoscaler } = KINDS;
      const found = await readObject(
        cluster.client,
        HorizontalPodAutoscaler,
        cluster.namespace,
        aggregatorName(name),
      );
      const { conditions = [] } = (found?.status ?? {}) as {
        conditions?: { type: string; status: string; reason: string; message: string }[];
      };
      return conditions.find((each) => each.type === 'ScalingActive' && each.status === status);
    },
    60_000,
  );
}

async function replicas({ name }: MovingAverageInCluster): Promise<number | undefined> {
  const found = await readObject(cluster.client, KINDS.Deployment, cluster.namespace, aggregatorName(name));
  return (found?.spec as { replicas?: number } | undefined)?.replicas;
}

async function messageOf(pipeline: MovingAverageInCluster): Promise<string> {
  const { status } = (await pipeline.read()) as { status: { scaling: { message: string } } };
  return status.scaling.message;
}

/** A request without a certificate. */
function askedDirectly(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('data', (data: Buffer) => {
      resolve(data.toString());
    });
    socket.once('close', () => {
      reject(new Error('closed without an answer'));
    });
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  });
}
