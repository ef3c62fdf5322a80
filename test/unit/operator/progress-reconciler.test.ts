import { expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { PipelineKnowledge } from '../../../src/operator/pipeline-knowledge.ts';
import type { Progress } from '../../../src/operator/ports.ts';
import { reconcileProgress, type ProgressContext } from '../../../src/operator/progress-reconciler.ts';

const KEY = 'trading/stocks';
const RESOURCE: KubeObject = {
  apiVersion: 'tidemark.dev/v1alpha1',
  kind: 'MovingAverage',
  metadata: { namespace: 'trading', name: 'stocks' },
  spec: {
    kafka: { bootstrapServers: ['kafka:9092'] },
    redis: { url: 'redis://redis:6379' },
    input: { topic: 'stocks' },
    output: { topic: 'stocks_averages' },
    windows: [{ size: '3s' }],
  },
};

/** Reads each of the answers in turn; returns after how long it reads again, and whether the status was asked for. */
async function readings(answers: readonly (Progress | Error)[]) {
  const left = [...answers];
  let told = 0;
  const context = {
    view: { resource: () => RESOURCE, pods: () => [RESOURCE] },
    kafka: {
      progress: () => {
        const next = left.shift();
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
    },
    knowledge: new PipelineKnowledge(),
    nowMs: () => 1_000_000,
    onFound: () => told++,
  } as unknown as ProgressContext;
  const found: { againMs: number | undefined | 'failed'; told: number }[] = [];
  while (left.length > 0) {
    const againMs = await reconcileProgress(KEY, context).catch(() => 'failed' as const);
    found.push({ againMs, told });
    told = 0;
  }
  return found;
}

test('a pipeline where nothing happens is read less often, and its status is left alone', async () => {
  const idle = { lagRecords: 0, watermarkMs: 900_000 };
  expect(await readings([idle, idle, { ...idle, lagRecords: 7 }, { ...idle, watermarkMs: 950_000 }])).toEqual(
    [
      { againMs: 15_000, told: 1 },
      { againMs: 60_000, told: 0 },
      { againMs: 15_000, told: 1 },
      { againMs: 15_000, told: 1 },
    ],
  );
});

test('when the brokers do not answer, an old figure does not pass for a new one', async () => {
  const busy = { lagRecords: 7, watermarkMs: 900_000 };
  expect(await readings([busy, new Error('no broker answers'), busy])).toEqual([
    { againMs: 15_000, told: 1 },
    { againMs: 'failed', told: 1 },
    { againMs: 15_000, told: 1 },
  ]);
});

test('a symbol in several partitions is told of when it is found and when it is over', async () => {
  const right = { lagRecords: 0, watermarkMs: 900_000 };
  const wrong = { ...right, split: { count: 1, symbol: 'AMC', partitions: [0, 3] } } as const;
  const found = await readings([right, wrong, wrong, right]);
  expect(found.map(({ told }) => told)).toEqual([1, 1, 0, 1]);
});
