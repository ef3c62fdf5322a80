import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { HorizontalAutoscaler } from '../../../bench/support/scaling/horizontal-autoscaler.ts';
import { SCALING_BEHAVIOR } from '../../../cdk8s/pipeline/autoscaler.ts';

const OPTIONS = { minReplicas: 1, maxReplicas: 100, averageValue: 1, behavior: SCALING_BEHAVIOR };

test('over a day of bursts the law makes less than a third of the changes of a lag threshold that costs no more, and less than a tenth as much waits', () => {
  const rows = benchmark('--days', '1', '--thresholds', '75000');
  const [threshold] = rows.filter(({ scaler }) => scaler.endsWith('the best of each day that costs no more'));
  const ours = rows.filter(({ scaler }) => scaler.startsWith('Tidemark'));
  expect(ours.map(({ scaler }) => scaler)).toContain('Tidemark, measures twice the rate all day');
  expect(ours).toHaveLength(5);
  for (const { replicaChanges, p99WaitSeconds, p99Waiting } of ours) {
    expect(replicaChanges[0]).toBeLessThan(threshold.replicaChanges[0] / 3);
    expect(p99WaitSeconds[0]).toBeLessThan(threshold.p99WaitSeconds[0] / 10);
    expect(p99Waiting[0]).toBeLessThan(threshold.p99Waiting[0] / 10);
  }
});

test('on a day with the same load from morning to night the number is found once', () => {
  const rows = benchmark('--days', '2', '--markets', 'steady', '--thresholds', '1250000');
  const ours = rows.filter(({ scaler }) => scaler === 'Tidemark');
  expect(ours).toHaveLength(1);
  for (const changes of ours[0].replicaChanges) expect(changes).toBeLessThanOrEqual(2);
});

/** In a process of its own, where it is ten times as fast as within the test's. */
function benchmark(...args: readonly string[]): Row[] {
  const file = fileURLToPath(new URL('../../../bench/scaling.ts', import.meta.url));
  const output = execFileSync(process.execPath, [file, ...args, '--json'], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

interface Row {
  readonly scaler: string;
  readonly replicaChanges: readonly number[];
  readonly p99WaitSeconds: readonly number[];
  readonly p99Waiting: readonly number[];
}

test('the simulated autoscaler leaves alone what is within a tenth, and stays where the metric is an error', () => {
  const autoscaler = new HorizontalAutoscaler(OPTIONS);
  expect(autoscaler.sync(15, 20, 21)).toBe(20);
  expect(autoscaler.sync(30, 20, undefined)).toBe(20);
  expect(autoscaler.sync(45, 20, 23)).toBe(23);
});

test('it goes up by as much as is asked, five times and eight at most, and down by half after ten minutes', () => {
  const autoscaler = new HorizontalAutoscaler(OPTIONS);
  expect(autoscaler.sync(15, 1, 50)).toBe(9);
  expect(autoscaler.sync(30, 9, 50)).toBe(45);
  expect(autoscaler.sync(45, 45, 50)).toBe(50);
  let replicas = 50;
  const downs: [number, number][] = [];
  for (let at = 60; at <= 900; at += 15) {
    const next = autoscaler.sync(at, replicas, 10);
    if (next !== replicas) downs.push([at, next]);
    replicas = next;
  }
  expect(downs).toEqual([
    [645, 25],
    [705, 12],
    [765, 10],
  ]);
});
