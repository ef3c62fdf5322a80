import { expect, test } from '@jest/globals';
import { OperatorMetrics, type DesiredReplicas } from '../../../src/http/operator-metrics.ts';

test('the replicas that the load of each pipeline asks for are there while they are known', async () => {
  const known: DesiredReplicas[] = [
    { namespace: 'trading', pipeline: 'stocks', replicas: 4 },
    { namespace: 'trading', pipeline: 'bonds', replicas: 2 },
  ];
  const metrics = new OperatorMetrics(() => known);
  const series = async () =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('tidemark_desired_replicas'));
  // As the trigger of a ScaledObject and the rule of prometheus-adapter look for it.
  expect(await series()).toEqual([
    'tidemark_desired_replicas{namespace="trading",pipeline="stocks"} 4',
    'tidemark_desired_replicas{namespace="trading",pipeline="bonds"} 2',
  ]);
  known.splice(0, 1);
  expect(await series()).toEqual(['tidemark_desired_replicas{namespace="trading",pipeline="bonds"} 2']);
});
