import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { AggregatorMetrics } from '../../../src/http/aggregator-metrics.ts';
import { openHttpServer, type HttpServer } from '../../../src/http/http-server.ts';

let nowMs = 1_000_000;
const metrics = new AggregatorMetrics(() => nowMs);
let server: HttpServer;

beforeAll(async () => {
  server = await openHttpServer({
    port: 0,
    host: '127.0.0.1',
    health: () => [],
    metrics: metrics.registry,
  });
});
beforeEach(() => {
  metrics.registry.resetMetrics();
});
afterEach(() => {
  metrics.state(4, 'ended');
});
afterAll(() => server.close());

/** What Prometheus would read: the value of each series by its name and labels. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end))];
    }),
  );
}

test('counts what tasks tell', async () => {
  metrics.processed(0, 100, 3);
  metrics.processed(1, 50, 0);
  metrics.tombstones(1, 5);
  metrics.replayed(0, 40);
  metrics.committed(0, 7, 12, 8);
  const series = await scrape();
  expect(series.get('tidemark_records_total')).toBe(150);
  expect(series.get('tidemark_tombstones_total')).toBe(5);
  expect(series.get('tidemark_late_trades_total')).toBe(3);
  expect(series.get('tidemark_replayed_records_total')).toBe(40);
  expect(series.get('tidemark_results_total')).toBe(7);
});

test('dead letters by reason, transactions by outcome', async () => {
  metrics.deadLettered(0, 'missing-field');
  metrics.deadLettered(1, 'not-a-number');
  metrics.deadLettered(1, 'not-a-number');
  metrics.transaction(0, 'committed');
  metrics.transaction(0, 'aborted');
  metrics.transaction(1, 'fenced');
  metrics.transaction(1, 'fenced');
  const series = await scrape();
  expect(series.get('tidemark_dead_lettered_records_total{reason="missing-field"}')).toBe(1);
  expect(series.get('tidemark_dead_lettered_records_total{reason="not-a-number"}')).toBe(2);
  const outcomes = ['committed', 'aborted', 'fenced'].map((outcome) =>
    series.get(`tidemark_transactions_total{outcome="${outcome}"}`),
  );
  expect(outcomes).toEqual([1, 1, 2]);
});

test('times are histograms in seconds, from a millisecond to a minute', async () => {
  metrics.committed(0, 7, 12, 8);
  metrics.committed(0, 0, undefined, 90); // an offset without results has no latency
  metrics.takenOver(0, 450);
  const series = await scrape();
  const latency = ['0.001', '0.01', '0.025', '60', '+Inf'].map((le) =>
    series.get(`tidemark_result_latency_seconds_bucket{le="${le}"}`),
  );
  expect(latency).toEqual([0, 0, 1, 1, 1]);
  expect(series.get('tidemark_result_latency_seconds_count')).toBe(1);
  expect(series.get('tidemark_transaction_seconds_count')).toBe(2);
  expect(series.get('tidemark_transaction_seconds_sum')).toBeCloseTo(0.098);
  expect(series.get('tidemark_take_over_seconds_bucket{le="0.25"}')).toBe(0);
  expect(series.get('tidemark_take_over_seconds_bucket{le="0.5"}')).toBe(1);
});

test('a partition is in one state, and gone once its task has ended', async () => {
  metrics.state(4, 'taking-over');
  metrics.state(4, 'processing');
  metrics.position(4, 1_234, nowMs - 5_000);
  metrics.checkpoint(4, 'saved');
  let series = await scrape();
  expect(series.get('tidemark_task_state{partition="4",state="processing"}')).toBe(1);
  expect(series.get('tidemark_task_state{partition="4",state="taking-over"}')).toBe(0);
  expect(series.get('tidemark_lag_records{partition="4"}')).toBe(1_234);

  metrics.state(4, 'ended');
  metrics.checkpoint(4, 'saved'); // one that was under way
  series = await scrape();
  expect([...series.keys()].filter((name) => name.includes('partition="4"'))).toEqual([]);
});

test('delay of the watermark and age of the checkpoint grow between two calls', async () => {
  metrics.position(4, 0, nowMs - 5_000);
  metrics.checkpoint(4, 'saved');
  nowMs += 1_500;
  const series = await scrape();
  expect(series.get('tidemark_watermark_delay_seconds{partition="4"}')).toBe(6.5);
  expect(series.get('tidemark_checkpoint_age_seconds{partition="4"}')).toBe(1.5);
});

test('there is no watermark before the first trade', async () => {
  metrics.position(4, 10, -Infinity);
  const series = await scrape();
  expect(series.has('tidemark_watermark_delay_seconds{partition="4"}')).toBe(false);
});

test('checkpoints by outcome, bytes and time by verb, failures by reason', async () => {
  metrics.checkpoint(4, 'failed');
  metrics.done('save', 2_000, 4);
  metrics.done('load', 9_000, 200);
  metrics.failed('save', 'full');
  const series = await scrape();
  expect(series.get('tidemark_checkpoints_total{outcome="failed"}')).toBe(1);
  expect(series.get('tidemark_checkpoint_bytes_total{verb="save"}')).toBe(2_000);
  expect(series.get('tidemark_checkpoint_seconds_sum{verb="load"}')).toBe(0.2);
  expect(series.get('tidemark_checkpoint_failures_total{verb="save",reason="full"}')).toBe(1);
});

test('the process and the delay of its event loop are among them', async () => {
  const series = await scrape();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    expect(series.has(name)).toBe(true);
  }
});

test('every name of ours says its unit or what it counts', () => {
  const ours = metrics.registry.getMetricsAsArray().map(({ name }) => name);
  const named = ours.filter((name) => name.startsWith('tidemark_'));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !/_(total|seconds|records|symbols|state)$/.test(name))).toEqual([]);
});
