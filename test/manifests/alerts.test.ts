import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { ALERTS } from '../../cdk8s/operator/alerts.ts';
import { ALERT_GROUP } from '../../cdk8s/operator/prometheus-rule.ts';
import { AggregatorMetrics } from '../../src/http/aggregator-metrics.ts';
import { OperatorMetrics } from '../../src/http/operator-metrics.ts';
import { RekeyMetrics } from '../../src/http/rekey-metrics.ts';
import { setUp } from '../support/set-up.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PROJECT } from '../support/tidemark.ts';

/*
 * The alerts as Prometheus evaluates them: its promtool plays a quarter of an hour of series to the rules, a sample
 * every 15 s, and says which of them fire at the end.
 */

const folder = temporaryFolder();
const RULES = join(folder, 'rules.yaml');
writeFileSync(RULES, stringify({ groups: [ALERT_GROUP] }));
const promtool = setUp('promtool');

const STOCKS = 'namespace="trading",pipeline="stocks"';
const POD = `${STOCKS},pod="stocks-1"`;
const condition = (type: string, status: string, reason: string): string =>
  `tidemark_pipeline_condition{${STOCKS},pod="operator-1",condition="${type}",status="${status}",reason="${reason}"}`;
const steady = (value: number): string => `${value}x60`;
const growing = (perStep: number, from = 0): string => `${from}+${perStep}x60`;

/** A thousand trades a second, one in a thousand of them late, and results at once. */
const WELL: Readonly<Record<string, string>> = {
  'tidemark_operator_leading{pod="operator-1"}': steady(1),
  'tidemark_operator_leading{pod="operator-2"}': steady(0),
  'tidemark_operator_failures_total{pod="operator-1",concern="topics"}': steady(2),
  [condition('Ready', 'True', 'Running')]: steady(1),
  [condition('Degraded', 'False', 'AsExpected')]: steady(1),
  [condition('ScalingActive', 'True', 'Following')]: steady(1),
  [`tidemark_records_total{${POD}}`]: growing(15_000),
  [`tidemark_late_trades_total{${POD}}`]: growing(15),
  [`tidemark_dead_lettered_records_total{${POD},reason="not-json"}`]: steady(0),
  [`tidemark_checkpoint_failures_total{${POD},verb="save",reason="timeout"}`]: steady(1),
  [`tidemark_transactions_total{${POD},outcome="aborted"}`]: steady(1),
  [`tidemark_lag_records{${POD},partition="0"}`]: steady(400),
  [`tidemark_watermark_delay_seconds{${POD},partition="0"}`]: steady(5),
  [`tidemark_split_symbols{${POD},partition="0"}`]: steady(0),
  [`tidemark_result_latency_seconds_bucket{${POD},le="0.1"}`]: growing(30),
  [`tidemark_result_latency_seconds_bucket{${POD},le="10"}`]: growing(30),
  [`tidemark_result_latency_seconds_bucket{${POD},le="+Inf"}`]: growing(30),
};

type Changes = Readonly<Record<string, string | undefined>>;

/**
 * The names of what fires. `changes` give a series another course, add one or take it away. That nothing fires is what
 * promtool expects; of what does it tells.
 */
function firing(changes: Changes): string[] {
  const series = Object.entries({ ...WELL, ...changes }).filter(([, values]) => values !== undefined);
  const file = join(folder, 'test.yaml');
  writeFileSync(
    file,
    stringify({
      rule_files: [RULES],
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: series.map(([name, values]) => ({ series: name, values })),
          promql_expr_test: [{ expr: 'ALERTS{alertstate="firing"}', eval_time: '15m', exp_samples: [] }],
        },
      ],
    }),
  );
  const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  const found = [...`${stdout}${stderr}`.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name);
  if ((status === 0) !== (found.length === 0)) throw new Error(`promtool ended with ${status}:\n${stderr}`);
  return [...new Set(found)].sort();
}

test('Prometheus takes the rules, and their texts are templates that it can read', () => {
  const { status, stdout, stderr } = spawnSync(promtool, ['check', 'rules', RULES], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`${ALERTS.length} rules found`);
});

test('nothing fires where all is well, on a quiet market, or without any pipeline', () => {
  expect(firing({})).toEqual([]);
  const quiet = Object.keys(WELL).filter((name) => /records_total|late_trades|latency/.test(name));
  expect(
    firing({
      ...Object.fromEntries(quiet.map((name) => [name, steady(9_000)])),
      [`tidemark_lag_records{${POD},partition="0"}`]: steady(0),
      [`tidemark_watermark_delay_seconds{${POD},partition="0"}`]: growing(15, 5),
    }),
  ).toEqual([]);
  const ofPipelines = Object.keys(WELL).filter((name) => name.includes('pipeline='));
  expect(firing(Object.fromEntries(ofPipelines.map((name) => [name, undefined])))).toEqual([]);
});

test.each<[string, Changes]>([
  [
    'TidemarkNotReady',
    {
      [condition('Ready', 'True', 'Running')]: undefined,
      [condition('Ready', 'False', 'NoAggregatorReady')]: steady(1),
    },
  ],
  ['TidemarkFiguresWrong', { [`tidemark_split_symbols{${POD},partition="0"}`]: steady(2) }],
  ['TidemarkStalled', { [`tidemark_watermark_delay_seconds{${POD},partition="0"}`]: growing(15, 5) }],
  // It waits for the schema of its first record.
  ['TidemarkStalled', { [`tidemark_lag_records{${POD},partition="1"}`]: steady(1) }],
  [
    'TidemarkStalled',
    {
      [`tidemark_rekey_lag_records{${POD},partition="3"}`]: steady(100),
      [`tidemark_rekey_watermark_delay_seconds{${POD},partition="3"}`]: growing(15),
      [`tidemark_rekeyed_records_total{${POD}}`]: growing(15_000),
    },
  ],
  ['TidemarkNoOperator', { 'tidemark_operator_leading{pod="operator-1"}': undefined }],
  ['TidemarkBehind', { [`tidemark_lag_records{${POD},partition="0"}`]: steady(70_000) }],
  [
    'TidemarkBehind',
    {
      [`tidemark_rekey_lag_records{${POD},partition="0"}`]: steady(70_000),
      [`tidemark_rekey_watermark_delay_seconds{${POD},partition="0"}`]: steady(80),
      [`tidemark_rekeyed_records_total{${POD}}`]: growing(15_000),
    },
  ],
  ['TidemarkResultsLate', { [`tidemark_result_latency_seconds_bucket{${POD},le="0.1"}`]: growing(29) }],
  // A single one is enough, and is heard of although nothing follows.
  [
    'TidemarkDeadLetters',
    { [`tidemark_dead_lettered_records_total{${POD},reason="not-json"}`]: `0x40 1x20` },
  ],
  ['TidemarkLateTrades', { [`tidemark_late_trades_total{${POD}}`]: growing(200) }],
  [
    'TidemarkCheckpointsFail',
    { [`tidemark_checkpoint_failures_total{${POD},verb="save",reason="timeout"}`]: growing(1) },
  ],
  ['TidemarkTransactionsFail', { [`tidemark_transactions_total{${POD},outcome="aborted"}`]: growing(1) }],
  [
    'TidemarkDegraded',
    {
      [condition('Degraded', 'False', 'AsExpected')]: undefined,
      [condition('Degraded', 'True', 'RefusedByServer')]: steady(1),
    },
  ],
  [
    'TidemarkScalingBlind',
    {
      [condition('ScalingActive', 'True', 'Following')]: undefined,
      [condition('ScalingActive', 'False', 'KafkaUnreachable')]: steady(1),
    },
  ],
  [
    'TidemarkOperatorFails',
    { 'tidemark_operator_failures_total{pod="operator-1",concern="topics"}': growing(1) },
  ],
])('%s fires, and nothing else', (name, changes) => {
  expect(firing(changes)).toEqual([name]);
});

test('what somebody has set so is no alert: no replicas, no scaling', () => {
  expect(
    firing({
      [condition('Ready', 'True', 'Running')]: undefined,
      [condition('Ready', 'False', 'ScaledToZero')]: steady(1),
      [condition('ScalingActive', 'True', 'Following')]: undefined,
      [condition('ScalingActive', 'False', 'NotConfigured')]: steady(1),
    }),
  ).toEqual([]);
});

test('each alert looks at metrics that there are', async () => {
  const aggregator = new AggregatorMetrics();
  new RekeyMetrics(aggregator);
  const operator = new OperatorMetrics({ desiredReplicas: () => [], conditions: () => [] });
  const pages = await Promise.all([aggregator.registry.metrics(), operator.registry.metrics()]);
  const there = new Set([...pages.join('\n').matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  const asked = ALERTS.flatMap(({ expr }) => [...expr.matchAll(/tidemark_\w+/g)].map(([name]) => name));
  expect(asked.filter((name) => !there.has(name.replace(/_bucket$/, '')))).toEqual([]);
});

test('docs/operations.md says of each alert what it means and what to do', () => {
  const text = readFileSync(join(PROJECT, 'docs/operations.md'), 'utf8');
  const told = [...text.matchAll(/^\| `(Tidemark\w+)` +\| (\w+) +\|/gm)].map(([, name, severity]) => ({
    name,
    severity,
  }));
  expect(told).toEqual(ALERTS.map(({ name, severity }) => ({ name, severity })));
});
