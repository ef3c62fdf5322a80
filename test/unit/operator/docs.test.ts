import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { AggregatorMetrics } from '../../../src/http/aggregator-metrics.ts';
import { OperatorMetrics } from '../../../src/http/operator-metrics.ts';
import { RekeyMetrics } from '../../../src/http/rekey-metrics.ts';

/* What programs and dashboards go by: docs/operations.md and docs/metrics.md have all of it, and nothing else. */
const ROOT = new URL('../../../', import.meta.url);
const OPERATIONS = readFileSync(new URL('docs/operations.md', ROOT), 'utf8');
const METRICS = readFileSync(new URL('docs/metrics.md', ROOT), 'utf8');

test('every reason that the operator gives, of a condition or an event, is in docs/operations.md', () => {
  const folder = new URL('src/operator/', ROOT);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const given = sources.flatMap((source) =>
    [...source.matchAll(/(?<=reason: '|'(?:True|False|Unknown)', ')[A-Z]\w+(?=')/g)].map(
      ([reason]) => reason,
    ),
  );
  expect(given.length).toBeGreaterThan(20);
  expect([...new Set(given)].filter((reason) => !OPERATIONS.includes(`\`${reason}\``))).toEqual([]);
});

test('every metric is documented, and every documented one is there', async () => {
  const aggregator = new AggregatorMetrics();
  new RekeyMetrics(aggregator);
  const operator = new OperatorMetrics({ desiredReplicas: () => [], conditions: () => [] });
  const metrics = await Promise.all(
    [aggregator, operator].map(({ registry }) => registry.getMetricsAsJSON()),
  );
  const named = metrics.flat().flatMap(({ name }) => (name.startsWith('tidemark_') ? [name] : []));
  const documented = new Set([...METRICS.matchAll(/tidemark_[a-z_]+/g)].map(([name]) => name));
  expect([...documented].sort()).toEqual(named.sort());
});
