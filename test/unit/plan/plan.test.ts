import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Section } from '../../../src/plan/line.ts';
import { MEASURED } from '../../../src/plan/measured.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { Targets } from '../../../src/plan/targets.ts';
import { PROJECT, tidemark } from '../../support/tidemark.ts';

const NO_PRICES = {
  vcpuHour: undefined,
  memoryGbMonth: undefined,
  redisGbMonth: undefined,
  diskGbMonth: undefined,
  crossZoneGb: undefined,
};

const TARGETS: Targets = {
  windows: [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }],
  delayMs: 5_000,
  measures: ['average', 'min', 'max', 'count'],
  symbols: 10_000,
  tradesPerSecond: 200_000,
  averageTradesPerSecond: 50_000,
  recordBytes: 90,
  resultBytes: 140,
  symbolBytes: 4,
  outageMs: 0,
  replayWithinMs: 60_000,
  failOverMs: undefined,
  growth: 1,
  headroom: 0,
  retentionMs: 86_400_000,
  replication: 3,
  zones: 3,
  producerRecordsPerSecond: 50_000,
  prices: NO_PRICES,
};

function planned(change: Partial<Targets> = {}): {
  value: (section: string, name: string) => number;
  sections: Section[];
} {
  const sections = plan({ ...TARGETS, ...change });
  const value = (title: string, name: string): number => {
    const found = sections.find((each) => each.title === title)?.lines.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no line "${name}" under "${title}".`);
    return found.value;
  };
  return { value, sections };
}

test('aggregators: CPU of trades and results, and what is kept free', () => {
  // 200,000 × 0.52 µs = 0.104; 10,000 results/s × 8.6 µs = 0.086; together 0.19 of a core.
  const one = planned();
  expect(one.value('Aggregators', 'CPU at the peak')).toBeCloseTo(0.19, 9);
  expect(one.value('Aggregators', 'aggregators')).toBe(1);
  // An hour's backlog within 10 minutes beside what comes: 7 times the rate; 1.33 / 0.7 = 1.9, so 2; 1 more may die.
  const replayed = planned({
    outageMs: 3_600_000,
    replayWithinMs: 600_000,
    headroom: 0.3,
    failOverMs: 1_000,
  });
  expect(replayed.value('Aggregators', 'rate of a replay')).toBe(7);
  expect(replayed.value('Aggregators', 'CPU to have')).toBeCloseTo(1.9, 9);
  expect(replayed.value('Aggregators', 'aggregators')).toBe(3);
});

test('results are one a symbol and slide, and no more than trades have windows', () => {
  const windows = [{ kind: 'time', sizeMs: 60_000, slideMs: 1_000 }] as const;
  // 10,000 symbols a second, × 8.6 µs.
  expect(planned({ windows }).value('Aggregators', 'CPU of them, 60 s every 1 s')).toBeCloseTo(0.086, 9);
  // 100 trades/s are in 3 windows each: 300 results/s, however many symbols there are.
  expect(planned({ tradesPerSecond: 100 }).value('Aggregators', 'results, 3 s every 1 s')).toBe(300);
  const byCount = planned({ windows: [{ kind: 'count', trades: 100, every: 10 }] });
  expect(byCount.value('Aggregators', 'results, 100 trades every 10')).toBe(20_000);
  expect(byCount.sections[0].notes.join()).toContain('windows by count were not measured');
});

test('partitions: max(T / P, T / C), and one an aggregator', () => {
  // T / P = 200,000 / 50,000 = 4 of producers; T / C = 200,000 / 1,510,000, so 1; 1 aggregator.
  expect(planned().value('Partitions', 'partitions')).toBe(4);
  // Producers of 10 M a partition need 2 for 20 M trades/s; C: 13.2, so 14; CPU: 10.4 + 0.086 cores, so 11 aggregators.
  const fast = planned({ tradesPerSecond: 20_000_000, producerRecordsPerSecond: 10_000_000 });
  expect(fast.value('Partitions', 'by producers, T / P')).toBe(2);
  expect(fast.value('Partitions', 'by aggregators, T / C')).toBe(14);
  expect(fast.value('Partitions', 'one an aggregator')).toBe(11);
  expect(fast.value('Partitions', 'partitions')).toBe(14);
  // Twice the trades of today.
  expect(planned({ growth: 2 }).value('Partitions', 'partitions')).toBe(8);
});

test('Redis: open panes, bytes a symbol and pane, and a save beside what it replaces', () => {
  // ⌈(3 + 5) / 1⌉ + 1 = 9 panes × 10,000 × (40 + 4 + 1 bytes) = 4.05 MB; × 46.4 / 44 × 2.02.
  const { value } = planned();
  expect(value('Redis', 'panes open at once')).toBe(9);
  expect(value('Redis', 'panes')).toBeCloseTo(4.05, 9);
  expect(value('Redis', 'maxmemory')).toBeCloseTo(4.05 * (46.4 / 44) * 2.02, 9);
  // With volume 72 bytes of figures; 1 min and 90 s share panes of 30 s: ⌈(90 + 5) / 30⌉ + 1 = 5.
  const longer = planned({
    measures: ['vwap'],
    windows: [
      { kind: 'time', sizeMs: 60_000, slideMs: 60_000 },
      { kind: 'time', sizeMs: 90_000, slideMs: 90_000 },
    ],
  });
  expect(longer.value('Redis', 'panes open at once')).toBe(5);
  expect(longer.value('Redis', 'panes')).toBeCloseTo((5 * 10_000 * 77) / 1e6, 9);
  // The last 100 trades: 10,000 × (16 + 100 × 24).
  const byCount = planned({ windows: [{ kind: 'count', trades: 100, every: 10 }] });
  expect(byCount.value('Redis', 'last 100 trades')).toBeCloseTo(24.16, 9);
  expect(
    byCount.sections.find(({ title }) => title === 'Redis')?.lines.map(({ name }) => name),
  ).not.toContain('panes');
});

test('disks and traffic: by the average, with replicas and zones', () => {
  const { value } = planned();
  // 50,000 × 100 bytes = 5 MB/s; 10,000 × 150 = 1.5 MB/s; a day thrice: 6.5 × 86,400 × 3 = 1,684.8 GB.
  expect(value('Kafka, on disk', 'trades written')).toBeCloseTo(5, 9);
  expect(value('Kafka, on disk', 'results written')).toBeCloseTo(1.5, 9);
  expect(value('Kafka, on disk', 'on disk')).toBeCloseTo(1_684.8, 9);
  // 6.5 in, 13 among brokers, 5 out; (6.5 + 5) × 2/3 + 13 between zones.
  expect(value('Network', 'in all')).toBeCloseTo(24.5, 9);
  expect(value('Network', 'between zones')).toBeCloseTo(20 + 2 / 3, 9);
  expect(value('Network', 'between zones in a month')).toBeCloseTo((20 + 2 / 3) * 730 * 3.6, 6);
  expect(planned({ zones: 1 }).value('Network', 'between zones')).toBe(0);
});

test('cost: amounts alone, and sums of what has a price', () => {
  const amounts = planned();
  expect(amounts.value('In a month', 'aggregators, CPU')).toBe(730);
  expect(amounts.value('In a month', 'Kafka, disks')).toBeCloseTo(1_684.8, 9);
  expect(() => amounts.value('In a month', 'cost in a month')).toThrow('no line');
  const priced = planned({ prices: { ...NO_PRICES, vcpuHour: 0.1, diskGbMonth: 0.5 } });
  expect(priced.value('In a month', 'aggregators, CPU, cost')).toBeCloseTo(73, 9);
  expect(priced.value('In a month', 'cost in a month')).toBeCloseTo(73 + 842.4, 9);
});

test('a fail-over that was never measured so short is said to be out of reach', () => {
  const notes = (failOverMs: number): string => planned({ failOverMs }).sections[0].notes.join();
  expect(notes(100)).toContain('was not reached');
  expect(notes(1_000)).toContain('without the operator');
  expect(notes(10_000)).toBe('');
});

test('what a plan reckons with stands in docs/performance.md', () => {
  const text = readFileSync(join(PROJECT, 'docs/performance.md'), 'utf8');
  expect(1 / MEASURED.cpuMicrosPerTrade).toBeCloseTo(1.91, 1);
  expect(text).toContain('| 1.51 M (1.17–1.57) | 1.91 M (1.70–1.96)    | 141 (141–141)');
  expect(text).toContain(`(140–${MEASURED.aggregatorMemoryMb})`);
  expect(text).toMatch(new RegExp(String.raw`^\| SIGKILL +\| 20 +\| \d+ / ${MEASURED.failOverMs} / `, 'm'));
  expect(text).toContain('0.41 M/s');
  expect(text).toMatch(/46\.4 bytes; 2\.02 times/);
  expect(text).toContain(`takes ${MEASURED.cpuMicrosPerResult} µs`);
});

test('the command: each figure with its sum, as text and as JSON', async () => {
  const args = ['plan', 'examples/stocks.yaml', '--rate', '200000', '--symbols', '10000'];
  const { code, stdout, stderr } = await tidemark(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^ {2}CPU of trades +0\.104 cores += 200,000 trades\/s × 0\.52 µs$/m);
  expect(stdout).toMatch(/^ {2}partitions +2 += max\(1, 1, 2\)$/m);
  const json = await tidemark([...args, '--window', '1m/10s', '--fail-over', '1s', '--json']);
  const sections = JSON.parse(json.stdout) as Record<string, Record<string, { value: number; unit: string }>>;
  expect(sections.Partitions.partitions.value).toBe(4);
  expect(sections.Aggregators['results, 60 s every 10 s']).toMatchObject({ value: 1_000, unit: 'results/s' });
});

test.each([
  [[], 'required option'],
  [['--rate', '0'], 'A number above zero'],
  [['--rate', '5', '--average-rate', '6'], 'is above the peak'],
  [['--rate', '5', '--window', '3x'], '--window'],
  [['--rate', '5', '--headroom', '1'], 'A share below 1'],
  [['nowhere.yaml', '--rate', '5'], 'nowhere.yaml'],
])('a wrong command line ends with 2 and says why: %j', async (args, message) => {
  const { code, stdout, stderr } = await tidemark(['plan', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
