import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { startKafka, type KafkaCluster } from '../../support/kafka-broker.ts';
import { writePaced } from '../../support/paced-trades.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CTRL_C, TidemarkAtTerminal } from '../../support/terminal.ts';
import { PREDECESSOR, Tidemark, tidemark } from '../../support/tidemark.ts';
import { createTopics, readTopic, withAdmin } from '../../support/topics.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
const RECORDING = join(PREDECESSOR, 'trades.csv');
const TRADES = readFileSync(RECORDING, 'utf8').trimEnd().split('\n');
let kafka: KafkaCluster;
let brokers: string;

beforeAll(async () => {
  kafka = await startKafka();
  brokers = kafka.brokers.join(',');
});

afterAll(() => kafka.stop());

/** A pipeline file with topics of its own, named after it. */
async function pipeline(
  name: string,
  { format = 'csv', partitions = 3 } = {},
): Promise<{ file: string; input: string; output: string }> {
  const [input, output, late] = [`${name}_in`, `${name}_out`, `${name}_late`];
  await createTopics(kafka.brokers, { [input]: partitions, [output]: 1, [late]: 1 });
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: ${name} }
spec:
  kafka: { bootstrapServers: [${kafka.brokers.map((each) => `"${each}"`).join(', ')}] }
  input: { topic: ${input}, format: ${format} }
  output: { topic: ${output} }
  late: { topic: ${late} }
  windows: [ { size: 3s } ]
  watermark: { delay: 5s }
`,
  );
  return { file, input, output };
}

interface Line {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: unknown;
}

function linesOf(stdout: string): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

test('a recording is written as it is, keyed by symbol: a symbol has one partition and keeps its order', async () => {
  const { file, input } = await pipeline('replayed');
  const run = await tidemark(['generate', file, '--replay', RECORDING, '--speed', 'max', '--json']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toMatchObject({ topic: input, trades: 919, late: 0, interrupted: false });
  const written = await readTopic(kafka.brokers, input);
  for (const symbol of ['AGL', 'AMC', 'ANZ']) {
    const ours = written.filter(({ key }) => key === symbol);
    expect(new Set(ours.map(({ partition }) => partition)).size).toBe(1);
    expect(ours.map(({ value }) => value)).toEqual(TRADES.filter((line) => line.startsWith(`${symbol},`)));
  }
  expect(written).toHaveLength(919);
});

test('made-up trades: as many as asked for, some of them twice, in the pipeline’s format', async () => {
  const { file, input } = await pipeline('made-up', { format: 'json' });
  const flags = ['--rate', '20000', '--count', '5000', '--symbols', '40', '--late-share', '0.05'];
  const run = await tidemark(['generate', file, ...flags, '--duplicates', '0.1', '--json']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const summary = JSON.parse(run.stdout) as Record<string, number>;
  expect(summary.trades).toBe(5_000);
  expect(summary.late).toBeGreaterThan(0);
  expect(summary.duplicates).toBeGreaterThan(0);
  const values = (await readTopic(kafka.brokers, input)).map(({ key, value }) => {
    const trade = JSON.parse(value ?? '') as { stockName: string };
    expect(trade.stockName).toBe(key);
    return value;
  });
  expect(values).toHaveLength(5_000 + summary.duplicates);
  expect(new Set(values).size).toBeLessThanOrEqual(5_000);
});

test('Ctrl-C ends a generator in order: 0 where it had no end, 130 before one; then the summary is true', async () => {
  await createTopics(kafka.brokers, { endless: 1 });
  const target = ['--brokers', brokers, '--topic', 'endless', '--rate', '500', '--json'];
  const written = async (): Promise<number> => {
    const [{ high }] = await withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets('endless'));
    return Number(high);
  };
  for (const [flags, code] of [
    [[], 0],
    [['--count', '1000000'], 130],
  ] as const) {
    const before = await written();
    const run = new Tidemark(['generate', ...target, ...flags]);
    await until('some trades are written', async () => (await written()) > before + 100);
    run.process.kill('SIGINT');
    const finished = await run.finished;
    expect(finished).toMatchObject({ code, stderr: '' });
    const { trades } = JSON.parse(finished.stdout) as { trades: number };
    expect(await written()).toBe(before + trades);
  }
});

test('the preset late, through an aggregator: its last trade is in the late topic, as tail shows it', async () => {
  // One partition, as the predecessor had: the watermark that the fourth trade moves is that of the fifth.
  const { file, input } = await pipeline('presets', { partitions: 1 });
  const aggregator = new Tidemark(['aggregator', '--pipeline', file], { env: { TIDEMARK_HTTP_PORT: '0' } });
  const late = new Tidemark(['tail', file, '--topic', 'late', '--from', 'beginning', '--limit', '1']);
  const generated = await tidemark(['generate', file, '--preset', 'late']);
  expect(generated).toMatchObject({ code: 0, stderr: '' });
  expect(generated.stdout).toMatch(/^5 trades into presets_in, 1 late; 13\.\d+ s, /);
  const { code, stdout } = await late.finished;
  expect(code).toBe(0);
  expect(linesOf(stdout)).toMatchObject([
    { key: 'stock1', value: { topic: input, partition: 0, offset: 4, code: 'late', symbol: 'stock1' } },
  ]);
  aggregator.process.kill('SIGTERM');
  expect((await aggregator.finished).code).toBe(0);
});

test('lines of any length are written: in requests that a broker takes', async () => {
  await createTopics(kafka.brokers, { long: 1 });
  const recording = join(folder, 'long.csv');
  const lines = Array.from(
    { length: 300 },
    (_, i) => `A,,1,1,${1_534_848_938_300 + i},${'x'.repeat(10_000)}`,
  );
  writeFileSync(recording, lines.join('\n'));
  const flags = ['--brokers', brokers, '--topic', 'long', '--replay', recording, '--speed', 'max'];
  expect(await tidemark(['generate', ...flags])).toMatchObject({ code: 0, stderr: '' });
  expect((await readTopic(kafka.brokers, 'long')).map(({ value }) => value)).toEqual(lines);
});

test.each([
  ['a topic that is not there', ['--topic', 'nowhere', '--count', '1'], 1, 'The topic nowhere'],
  ['two ways at once', ['--topic', 'x', '--preset', 'late', '--rate', '5'], 2, 'cannot be used with'],
  ['a speed of nothing', ['--topic', 'x', '--speed', '2'], 2, '--speed is for --replay'],
  ['a recording that is not there', ['--topic', 'endless', '--replay', 'nowhere.csv'], 3, 'nowhere.csv'],
  ['no topic', ['--count', '1'], 2, 'no topic is named'],
  ['a share above 1', ['--topic', 'x', '--duplicates', '2'], 2, 'A share from 0 to 1'],
])('generate says what is wrong: %s', async (_, args, code, message) => {
  const run = await tidemark(['generate', '--brokers', brokers, ...args]);
  expect(run.code).toBe(code);
  expect(run.stderr).toContain(message);
});

test('tail begins where it is told to, and ends after so many records or at the end', async () => {
  const { file, input } = await pipeline('tailed');
  await tidemark(['generate', file, '--replay', RECORDING, '--speed', 'max']);
  const tailed = async (...args: string[]): Promise<Line[]> => {
    const run = await tidemark(['tail', file, '--topic', 'input', ...args]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return linesOf(run.stdout);
  };
  const all = await tailed('--from', 'beginning', '--no-follow');
  const truth = await readTopic(kafka.brokers, input);
  const inOrder = all.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  expect(inOrder).toEqual(
    truth.map(({ partition, offset, timestampMs, key, value }) => ({
      ...{ partition, offset, timestamp: timestampMs },
      ...{ key, value },
    })),
  );

  const ofSymbol = await tailed('--from', 'beginning', '--no-follow', '--symbol', 'AMC');
  expect(ofSymbol.map(({ value }) => value)).toEqual(TRADES.filter((line) => line.startsWith('AMC,')));

  const { partition } = all[0];
  const ours = truth.filter((each) => each.partition === partition);
  const from = ['--partition', String(partition), '--from'];
  const three = await tailed(...from, '7', '--limit', '3');
  expect(three.map(({ offset }) => offset)).toEqual([7, 8, 9]);

  const written = new Date(ours[5].timestampMs).toISOString();
  const [first] = await tailed(...from, written, '--limit', '1');
  expect(first.offset).toBe(ours.findIndex(({ timestampMs }) => timestampMs >= ours[5].timestampMs));
  expect(await tailed(...from, '-1h', '--no-follow')).toHaveLength(ours.length);
  expect(await tailed('--from', 'end', '--no-follow')).toEqual([]);

  await withAdmin(kafka.brokers, async (admin) => {
    await admin.fetchTopicOffsets(input); // kafkajs deletes only from topics that it knows already
    await admin.deleteTopicRecords({ topic: input, partitions: [{ partition, offset: '20' }] });
  });
  const [kept] = await tailed(...from, '7', '--limit', '1');
  expect(kept.offset).toBe(20);
});

test('tail follows: it shows what comes after it began, from every partition, until Ctrl-C', async () => {
  await createTopics(kafka.brokers, { followed: 4 });
  const write = (value: string) =>
    writePaced(
      kafka.brokers,
      'followed',
      Array.from({ length: 40 }, (_, i) => ({ key: `S${i}`, value })),
      1_000,
    );
  await write('before');
  const run = new Tidemark(['tail', '--brokers', brokers, '--topic', 'followed']);
  // It says nothing before the first record, so the test writes until something is seen.
  await until('what is written is shown', async () => {
    await write('after');
    return linesOf(run.stdout).length > 0;
  });
  const seen = linesOf(run.stdout).length;
  await write('last');
  await run.printed(({ stdout }) => linesOf(stdout).filter(({ value }) => value === 'last').length === 40);
  run.process.kill('SIGINT');
  const { code, stdout } = await run.finished;
  const lines = linesOf(stdout);
  expect(code).toBe(0);
  expect(lines.length).toBeGreaterThanOrEqual(seen);
  expect(new Set(lines.map(({ partition }) => partition)).size).toBe(4);
  expect(lines.filter(({ value }) => value === 'before')).toEqual([]);
});

test('an aborted transaction is not shown, unless asked for', async () => {
  await createTopics(kafka.brokers, { transactions: 1 });
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const producer = client.producer({ transactionalId: 'tailed', maxInFlightRequests: 1 });
  await producer.connect();
  for (const end of ['commit', 'abort'] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'transactions', messages: [{ key: 'A', value: end }] });
    await transaction[end]();
  }
  await producer.disconnect();
  const flags = ['--brokers', brokers, '--topic', 'transactions', '--from', 'beginning', '--no-follow'];
  const committed = await tidemark(['tail', ...flags]);
  expect(linesOf(committed.stdout).map(({ value }) => value)).toEqual(['commit']);
  const all = await tidemark(['tail', ...flags, '--uncommitted']);
  expect(linesOf(all.stdout).map(({ value }) => value)).toEqual(['commit', 'abort']);
});

test('a reader that has enough ends tail without a word', async () => {
  await createTopics(kafka.brokers, { read: 1 });
  const rows = Array.from({ length: 5_000 }, (_, i) => ({ key: 'A', value: `${i} ${'x'.repeat(100)}` }));
  await writePaced(kafka.brokers, 'read', rows, 1_000_000);
  const run = new Tidemark(['tail', '--brokers', brokers, '--topic', 'read', '--from', 'beginning']);
  await run.printed(({ stdout }) => stdout.includes('\n'));
  run.process.stdout?.destroy();
  await writePaced(kafka.brokers, 'read', rows, 1_000_000);
  expect(await run.finished).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['a topic that is not there', ['--topic', 'nowhere'], 1, 'The topic nowhere'],
  ['a partition that is not there', ['--topic', 'endless', '--partition', '9'], 2, 'has no partition 9'],
  ['a place that is none', ['--topic', 'endless', '--from', 'yesterday'], 2, 'is expected'],
])('tail says what is wrong: %s', async (_, args, code, message) => {
  const run = await tidemark(['tail', '--brokers', brokers, ...args]);
  expect(run).toMatchObject({ code, stdout: '' });
  expect(run.stderr).toContain(message);
});

test('on a terminal tail is a live table: trades as they come, results by symbol; Ctrl-C leaves the last frame', async () => {
  const { file, output } = await pipeline('watched');
  await tidemark(['generate', file, '--replay', RECORDING, '--speed', 'max']);
  const trades = new TidemarkAtTerminal(['tail', file, '--topic', 'input', '--from', 'beginning']);
  await trades.type(CTRL_C, /watched_in: 919 records; Ctrl-C ends/);
  expect(await trades.finished).toBe(0);
  expect(trades.shown).toMatch(/partition +offset +written, UTC +symbol +record/);
  expect(trades.shown).toMatch(
    /^ +\d +\d+ +[\d:.]+ +(AMC|AGL|ANZ) +[\d.]+ at \d\d:\d\d:[\d.]+ +(AMC|AGL|ANZ),/m,
  );

  const result = {
    start: 0,
    end: 3_000,
    stockName: 'AMC',
    price: 626.05,
    minPrice: 1,
    maxPrice: 2,
    count: 3,
  };
  await writePaced(kafka.brokers, output, [{ key: 'AMC', value: JSON.stringify(result) }], 1_000);
  const results = new TidemarkAtTerminal(['tail', file, '--from', 'beginning']);
  await results.type(CTRL_C, /AMC +00:00:00–00:00:03 +626\.05 +1\.00 +2\.00 +3 /);
  expect(await results.finished).toBe(0);
});

test('topics delete asks at a terminal, and takes only a yes for one', async () => {
  await createTopics(kafka.brokers, { precious: 1 });
  const topics = (): Promise<string[]> => withAdmin(kafka.brokers, (admin) => admin.listTopics());
  const remove = ['topics', 'delete', 'precious', '--brokers', brokers];
  const question = /Delete precious \(0 offsets\) for good\? \[y\/N\] /;
  for (const answer of ['\n', 'n\n', 'yess\n']) {
    const asked = new TidemarkAtTerminal(remove);
    await asked.type(answer, question);
    expect(await asked.finished).toBe(2);
    expect(asked.shown).toContain('nothing was deleted');
    expect(await topics()).toContain('precious');
  }
  const asked = new TidemarkAtTerminal(remove);
  await asked.type('y\n', question);
  expect(await asked.finished).toBe(0);
  expect(asked.shown).toContain('deleted precious');
  await until('it is gone', async () => !(await topics()).includes('precious'));
});

test('Ctrl-C at the question deletes nothing', async () => {
  await createTopics(kafka.brokers, { kept: 1 });
  const asked = new TidemarkAtTerminal(['topics', 'delete', 'kept', '--brokers', brokers]);
  await asked.type(CTRL_C, /for good\?/);
  expect(await asked.finished).not.toBe(0);
  expect(await withAdmin(kafka.brokers, (admin) => admin.listTopics())).toContain('kept');
});
