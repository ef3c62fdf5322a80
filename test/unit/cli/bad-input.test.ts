import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PREDECESSOR, PROJECT, tidemark, type Finished } from '../../support/tidemark.ts';

const folder = temporaryFolder();
const TRADES = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8');

test('every record that is no trade is a dead letter with its place and reason, and the rest counts', async () => {
  const bad = [
    ['AMC,BUY ', 9, 'missing-field'],
    ['AMC,BUY ,NaN,1,1534848938300,', 10, 'not-a-number'],
    ['AMC,BUY ,-1.5,1,1534848938300,', 10, 'negative'],
    ['AMC,BUY ,1.5,1,1515000000000000,', 16, 'time-out-of-range'],
    [`${'A'.repeat(10_240)},BUY ,1.5,1,1534848938300,`, 1, 'symbol-too-long'],
  ] as const;
  const lines = TRADES.trimEnd().split('\n');
  // Line numbers from 1: the bad ones become lines 10, 20, 30, ...
  for (const [i, [record]] of bad.entries()) lines.splice(i * 10 + 9, 0, record);
  const input = file('bad.csv', lines.join('\n'));
  const output = join(folder, 'good.csv');
  const deadLetters = join(folder, 'dead.jsonl');
  const run = await tidemark(['run', '-i', input, '-o', output, '--dead-letters', deadLetters]);

  expect(run).toMatchObject({ code: 0, stdout: '' });
  expect(run.stderr).toMatch(/^919 trades, 1,957 windows, none late, 5 dead-lettered;/);
  const entries = jsonLines(deadLetters);
  expect(entries).toMatchObject(
    bad.map(([record, column, code], i) => ({ source: input, line: i * 10 + 10, column, code, record })),
  );
  const bytes = readFileSync(input);
  for (const { offset, record } of entries as { offset: number; record: string }[]) {
    expect(bytes.subarray(offset, offset + record.length).toString()).toBe(record);
  }
});

test('without a file for dead letters the first three are shown, with their places', async () => {
  const input = file('shown.csv', 'AMC,,x,1,1\n'.repeat(5) + TRADES);
  const run = await tidemark(['run', '-i', input, '-o', join(folder, 'shown.out')]);
  expect(run.stderr.split('\n').slice(0, 4)).toEqual([
    `${input}:1:6: the price is not a number: "x"`,
    `${input}:2:6: the price is not a number: "x"`,
    `${input}:3:6: the price is not a number: "x"`,
    expect.stringMatching(/^919 trades, .*5 dead-lettered \(--dead-letters FILE keeps them\)/),
  ]);
});

test('late trades go to their file with the watermark that they missed', async () => {
  const input = file('late.csv', 'A,,1,1,10000,\nA,,2,1,20000,\nA,,3,1,11000,\n');
  const late = join(folder, 'late.jsonl');
  const run = await tidemark(['run', '-i', input, '-o', join(folder, 'x.csv'), '--late', late]);
  expect(run.stderr).toMatch(/^2 trades, .* 1 late, none dead-lettered/);
  expect(jsonLines(late)).toMatchObject([
    { line: 3, offset: 28, symbol: 'A', time: 11000, watermark: 15000, record: 'A,,3,1,11000,' },
  ]);
});

test('an empty file gives a header and says so', async () => {
  const output = join(folder, 'empty.out');
  const run = await tidemark(['run', '-i', file('empty.csv', ''), '-o', output]);
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toMatch(
    /^no trades, no windows, none late, none dead-lettered; [\d.]+ s\nThe input holds no trades\.$/m,
  );
  expect(readFileSync(output, 'utf8')).toBe('start,end,stockName,price,minPrice,maxPrice,count\n');
});

test('a missing file is named, and an earlier output stays', async () => {
  const output = file('earlier.csv', 'earlier');
  const run = await tidemark(['run', '-i', join(folder, 'nowhere.csv'), '-o', output]);
  expect(run.code).toBe(3);
  expect(run.stderr).toContain(join(folder, 'nowhere.csv'));
  expectNoStack(run);
  expect(readFileSync(output, 'utf8')).toBe('earlier');
});

test('a file cut inside a gzip block: what the watermark had closed is written, the rest is not, and it says so', async () => {
  const whole = gzipSync(TRADES);
  const input = file('cut.csv.gz', whole.subarray(0, Math.floor(whole.length / 2)));
  const output = join(folder, 'cut.csv');
  const run = await tidemark(['run', '-i', input, '-o', output]);
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/cut\.csv\.gz/);
  expect(run.stderr).toMatch(/ends|truncated|cut/i);
  expectNoStack(run);
  const rows = readFileSync(output, 'utf8').trimEnd().split('\n');
  const all = new Set(readFileSync(join(PREDECESSOR, 'flushed.csv'), 'utf8').split('\n').map(withoutAverage));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => !all.has(withoutAverage(row)))).toEqual([]);
});

test('a million symbols', async () => {
  const lines = Array.from(
    { length: 1_000_000 },
    (_, i) => `S${i},,1.5,1,${1534848938300 + Math.floor(i / 1000)},\n`,
  );
  const output = join(folder, 'million.csv');
  const run = await tidemark(['run', '-i', '-', '-w', '1s', '-o', output], lines.join(''));
  expect(run.stderr).toMatch(/^1,000,000 trades, 1,000,000 windows, none late, none dead-lettered/);
});

test('a file that is no text at all', async () => {
  const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919 + (i >> 3)) % 256));
  const run = await tidemark(['run', '-i', file('noise.bin', noise), '-o', join(folder, 'noise.csv')]);
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('dead-lettered');
  expectNoStack(run);
});

test('a line without an end is cut at a megabyte and what follows is read', async () => {
  const input = file('endless.csv', `${'x'.repeat(3_000_000)}\n${TRADES}`);
  const deadLetters = join(folder, 'endless.jsonl');
  const run = await tidemark([
    'run',
    '-i',
    input,
    '-o',
    join(folder, 'e.csv'),
    '--dead-letters',
    deadLetters,
  ]);
  expect(run.stderr).toMatch(/^919 trades, 1,957 windows, none late, 1 dead-lettered/);
  expect(jsonLines(deadLetters)).toMatchObject([{ line: 1, offset: 0, code: 'record-too-long' }]);
});

test('all mistakes of a command line at once, with the options that are wrong', async () => {
  const run = await tidemark([
    'run',
    '-i',
    'x.csv',
    '-w',
    '3',
    '--delay',
    'soon',
    '--measures',
    'average,median',
  ]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('3 mistakes in the pipeline');
  expect(run.stderr).toMatch(/--window: .*3s/);
  expect(run.stderr).toMatch(/--delay: /);
  expect(run.stderr).toMatch(/--measures: .*median/);
  expectNoStack(run);
});

test('mistakes of a pipeline file have their lines', async () => {
  const pipeline = file(
    'wrong.yaml',
    [
      'apiVersion: tidemark.dev/v1alpha1',
      'kind: MovingAverage',
      'metadata: { name: stocks }',
      'spec:',
      '  input: { file: trades.csv }',
      '  windows: [ { size: 1s, slide: 3s } ]',
    ].join('\n'),
  );
  const run = await tidemark(['run', pipeline]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(`${pipeline}:6:`);
  expect(run.stderr).toContain('spec.windows[0].slide');
});

test('a header that lacks a column names the options that help', async () => {
  const run = await tidemark(['run', '-i', '-', '--header', 'present'], 'when,ticker,price\n1,A,1\n');
  expect(run.code).toBe(3);
  expect(run.stderr).toContain('names no column for time; its columns are when, ticker, price');
  expect(run.stderr).toContain('--time-field NAME');
});

test('an output that cannot be written is told before anything is read', async () => {
  const run = await tidemark([
    'run',
    '-i',
    join(PREDECESSOR, 'trades.csv'),
    '-o',
    join(folder, 'no', 'such', 'folder.csv'),
  ]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('folder.csv');
  expectNoStack(run);
});

test('nothing is written into the input, or over the averages, under another name either', async () => {
  const input = file('precious.csv', 'A,,1,1,10000,\nA,,2,1,20000,\nA,,3,1,11000,\n');
  const link = join(folder, 'link.csv');
  symlinkSync(input, link);
  const roundabout = `${folder}/./precious.csv`;
  for (const args of [
    ['-i', roundabout, '-o', input],
    ['-i', link, '-o', input],
    ['-i', input, '-o', '-', '--dead-letters', roundabout],
    ['-i', input, '-o', join(folder, 'both'), '--late', `${folder}/./both`],
  ]) {
    const run = await tidemark(['run', ...args]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/cannot be written: it is the (input|output of the averages), /);
  }
  expect(readFileSync(input, 'utf8')).toContain('A,,3,1,11000,');
  expect(await tidemark(['run', '-i', input, '-o', '/dev/null', '--late', '/dev/null'])).toMatchObject({
    code: 0,
  });
});

test.each([
  [['-i', 'a.csv', '-i', 'b.csv'], 'There is one input'],
  [['-i', 'a.csv', 'b.csv'], 'Write --input b.csv'],
  [['-i', 'a.csv', '-o', 'x.csv', '-o', 'y.csv'], 'There is one output'],
  [['-i', 'a.csv', '-w', '1m/10s/5s'], '--window: spec.windows[0].slide: expected a duration'],
  [['-i', 'a.csv', '--limit', '10'], '--limit ends made-up trades'],
  [['-i', 'a.csv', '-w', '1m/10s', '-s', '5s'], '--slide 5s is for windows that name no distance'],
  [['--demo', '--limit', '0'], 'A whole number from 1 is expected'],
  [['--demo', '--follow'], '--follow waits at the end of a file'],
])('an option that would be passed over in silence is a mistake: %j', async (args, said) => {
  const run = await tidemark(['run', ...args]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(said);
});

test('a pipeline for Kafka alone says where trades can come from here', async () => {
  const run = await tidemark(['run', 'examples/stocks.yaml']);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('--input trades.csv');
});

test.each(['run', 'aggregator'])('%s names a pipeline file that is not there', async (command) => {
  const nowhere = join(folder, 'nowhere.yaml');
  const run = await tidemark(command === 'run' ? ['run', nowhere] : ['aggregator', '--pipeline', nowhere]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(`cannot read the pipeline file ${nowhere}`);
  expectNoStack(run);
});

test.each([['plan', '--rate', '5'], ['acls', 'examples/stocks.yaml'], ['--help']])(
  'what there is no room to print fails the command: %s',
  (...args) => {
    const full = openSync('/dev/full', 'w');
    const run = spawnSync(process.execPath, [join(PROJECT, 'bin/tidemark.js'), ...args], {
      cwd: PROJECT,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(run.stderr).toMatch(/^tidemark: There is no room left for stdout \(ENOSPC\)\./);
    expect(run.status).toBe(1);
  },
);

test('a folder in the place of a pipeline file is told as one', async () => {
  const run = await tidemark(['run', folder]);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain(`cannot read the pipeline file ${folder}: it is a folder`);
});

test('an address of the web in the place of a file: what brings it in', async () => {
  const run = await tidemark(['run', '-i', 'https://example.com/trades.csv']);
  expect(run).toMatchObject({ code: 3 });
  expect(run.stderr).toContain('curl https://example.com/trades.csv | tidemark run --input -');
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function jsonLines(path: string): unknown[] {
  expect(existsSync(path)).toBe(true);
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

function withoutAverage(row: string): string {
  const fields = row.split(',');
  return [...fields.slice(0, 3), Number(fields[4]), Number(fields[5]), fields[6]].join(',');
}

function expectNoStack({ stderr }: Finished): void {
  expect(stderr).not.toMatch(/^\s+at /m);
}
