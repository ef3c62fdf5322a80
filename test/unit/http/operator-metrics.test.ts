import { expect, test } from '@jest/globals';
import {
  OperatorMetrics,
  type DesiredReplicas,
  type PipelineCondition,
} from '../../../src/http/operator-metrics.ts';

async function seriesOf({ registry }: OperatorMetrics, name: string): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}

test('the replicas that the load of each pipeline asks for are there while they are known', async () => {
  const known: DesiredReplicas[] = [
    { namespace: 'trading', pipeline: 'stocks', replicas: 4 },
    { namespace: 'trading', pipeline: 'bonds', replicas: 2 },
  ];
  const metrics = new OperatorMetrics({ desiredReplicas: () => known, conditions: () => [] });
  const series = () => seriesOf(metrics, 'tidemark_desired_replicas');
  // As the trigger of a ScaledObject and the rule of prometheus-adapter look for it.
  expect(await series()).toEqual([
    'tidemark_desired_replicas{namespace="trading",pipeline="stocks"} 4',
    'tidemark_desired_replicas{namespace="trading",pipeline="bonds"} 2',
  ]);
  known.splice(0, 1);
  expect(await series()).toEqual(['tidemark_desired_replicas{namespace="trading",pipeline="bonds"} 2']);
});

test('the conditions of each pipeline are there with the status and the reason that they have now', async () => {
  const stocks = { namespace: 'trading', pipeline: 'stocks', type: 'Ready' };
  let known: PipelineCondition[] = [{ ...stocks, status: 'False', reason: 'NoAggregatorReady' }];
  const metrics = new OperatorMetrics({ desiredReplicas: () => [], conditions: () => known });
  expect(await seriesOf(metrics, 'tidemark_pipeline_condition')).toEqual([
    'tidemark_pipeline_condition{condition="Ready",namespace="trading",pipeline="stocks",status="False",reason="NoAggregatorReady"} 1',
  ]);
  known = [{ ...stocks, status: 'True', reason: 'Running' }];
  expect(await seriesOf(metrics, 'tidemark_pipeline_condition')).toEqual([
    'tidemark_pipeline_condition{condition="Ready",namespace="trading",pipeline="stocks",status="True",reason="Running"} 1',
  ]);
});
