import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PREDECESSOR, Tidemark, tidemark } from '../../support/tidemark.ts';

const folder = temporaryFolder();
const TRADES = readFileSync(join(PREDECESSOR, 'trades.csv'), 'utf8');
const HEADER = 'start,end,stockName,price,minPrice,maxPrice,count\n';

test('standard input to standard output, as CSV, and the summary on standard error', async () => {
  const run = await tidemark(['run', '-i', '-', '-o', '-'], TRADES);
  expect(run.code).toBe(0);
  expect(run.stdout.startsWith(HEADER)).toBe(true);
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1958);
  expect(run.stderr).toMatch(/^919 trades, 1,957 windows/);
});

test('--json: results as JSON lines, the summary as one object', async () => {
  const run = await tidemark(
    ['run', '-i', '-', '--json', '--measures', 'average,count,volume,vwap', '-w', '10m'],
    TRADES,
  );
  const rows = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(Object.keys(rows[0])).toEqual(['start', 'end', 'stockName', 'price', 'count', 'volume', 'vwap']);
  const quantity = TRADES.trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(',')[3]), 0);
  expect(rows.reduce((sum, { volume }) => sum + Number(volume), 0)).toBe(quantity);
  expect(JSON.parse(run.stderr)).toMatchObject({
    trades: 919,
    windows: rows.length,
    late: 0,
    deadLetters: 0,
    interrupted: false,
  });
});

test('early results of --emit update say that they are not final', async () => {
  const run = await tidemark(
    ['run', '-i', '-', '-o', '-', '-w', '2s', '--emit', 'update'],
    'A,,1,1,100,\nA,,3,1,200,\n',
  );
  expect(run.stdout.split('\n')).toEqual([
    'start,end,stockName,price,minPrice,maxPrice,count,final',
    '0,2000,A,1,1,1,1,false',
    '0,2000,A,2,1,3,2,false',
    '0,2000,A,2,1,3,2,true',
    '',
  ]);
});

test('windows by count', async () => {
  const prices = [1, 2, 6, 4].map((price, i) => `A,,${price},1,${i},\n`).join('');
  const run = await tidemark(['run', '-i', '-', '-o', '-', '--trades', '2', '--every', '1'], prices);
  expect(run.stdout).toBe(`${HEADER}0,1,A,1.5,1,2,2\n1,2,A,4,2,6,2\n2,3,A,5,4,6,2\n`);
});

test('JSON lines with names and times of their own', async () => {
  const record = '{"s":"A","p":"1.25","at":"2018-08-21T20:55:38Z"}\n';
  const fields = ['--symbol-field', 's', '--price-field', 'p', '--time-field', 'at', '--time-unit', 'iso'];
  const run = await tidemark(
    ['run', '-i', '-', '--format', 'json', ...fields, '-w', '1s', '-o', '-'],
    record,
  );
  expect(run.stdout).toBe(`${HEADER}1534884938000,1534884939000,A,1.25,1.25,1.25,1\n`);
});

test('a reader that leaves early ends the run without an error', async () => {
  const run = new Tidemark(['run', '--demo', '-o', '-']);
  await run.printed(({ stdout }) => stdout.split('\n').length > 3);
  run.process.stdout?.destroy();
  expect(await run.finished).toMatchObject({ code: 0 });
});

test('a reader of the messages that leaves does not end the run: its output is in place', async () => {
  const output = join(folder, 'unwatched.csv');
  const run = new Tidemark(['run', '-i', join(PREDECESSOR, 'trades.csv'), '-o', output]);
  run.process.stderr?.destroy();
  expect(await run.finished).toMatchObject({ code: 0 });
  expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(1959);
});

test('a reader of the help that leaves is no error', async () => {
  const run = new Tidemark(['run', '--help']);
  run.process.stdout?.destroy();
  expect(await run.finished).toMatchObject({ code: 0, stderr: '' });
});

test('Ctrl-C ends a run without an end cleanly, with the summary and its output in place', async () => {
  const output = join(folder, 'demo.csv');
  const run = new Tidemark([
    'run',
    '--demo',
    '--seed',
    '7',
    '-o',
    output,
    '--late',
    join(folder, 'late.jsonl'),
  ]);
  const other = new Tidemark(['run', '--demo']);
  await run.printed(hasOpenOutput);
  await other.printed(({ stdout }) => stdout.length > 0);
  other.process.kill('SIGINT');
  run.process.kill('SIGINT');
  const [{ code, stderr }, table] = await Promise.all([run.finished, other.finished]);
  expect(table).toMatchObject({ code: 0 });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^([\d,]+|no) trades, ([\d,]+|no) windows, .*; [\d.]+ s$/m);
  expect(readFileSync(output, 'utf8').startsWith(HEADER)).toBe(true);
});

test('Ctrl-C before the end of a finite input exits with 130, and the output holds what was closed', async () => {
  const output = join(folder, 'interrupted.csv');
  const run = new Tidemark([
    'run',
    '--demo',
    '--limit',
    '100000000',
    '--rate',
    '1000000',
    '-o',
    output,
    '--json',
  ]);
  await run.printed(hasOpenOutput);
  run.process.kill('SIGINT');
  const { code, stderr } = await run.finished;
  expect(code).toBe(130);
  expect(JSON.parse(stderr)).toMatchObject({ interrupted: true });
});

test('a second signal ends at once, even the wait for a reader of a named pipe', async () => {
  const [late, output] = [join(folder, 'late.pipe'), join(folder, 'output.pipe')];
  execFileSync('mkfifo', [late, output]);
  const run = new Tidemark(['run', '-i', '-', '--late', late, '-o', output]);
  const reader = await open(late); // settles when the command has opened it, on its way to the other one
  run.process.kill('SIGINT');
  run.process.kill('SIGTERM');
  expect(await run.finished).toMatchObject({ code: null });
  expect(['SIGINT', 'SIGTERM']).toContain(run.process.signalCode); // whichever is handled last
  await reader.close();
});

test('--follow goes on with what is appended', async () => {
  const path = join(folder, 'growing.csv');
  const [first, second] = [TRADES.slice(0, 20_000), TRADES.slice(20_000)];
  writeFileSync(path, first);
  const run = new Tidemark(['run', '-i', path, '--follow', '-o', '-']);
  await run.printed(({ stdout }) => stdout.split('\n').length > 100);
  appendFileSync(path, second);
  await run.printed(({ stdout }) => stdout.split('\n').length > 1940);
  run.process.kill('SIGINT');
  const { code, stdout } = await run.finished;
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1945); // the 1,944 that the watermark closes
});

test('a socket that breaks is connected to again; a record cut by the break is a dead letter', async () => {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    if (connections.length === 1) socket.end('A,,1,1,1000,\nA,,2,1,2000,\nA,,3');
    else socket.write('A,,4,1,3000,\nA,,5,1,60000,\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const deadLetters = join(folder, 'cut.jsonl');
  const run = new Tidemark([
    'run',
    '-i',
    `tcp://127.0.0.1:${port}`,
    '-w',
    '1s',
    '-o',
    '-',
    '--dead-letters',
    deadLetters,
  ]);
  await run.printed(({ stdout }) => stdout.split('\n').length > 4);
  run.process.kill('SIGINT');
  const { code, stdout } = await run.finished;
  for (const connection of connections) connection.destroy();
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(0);
  expect(stdout).toBe(`${HEADER}1000,2000,A,1,1,1,1\n2000,3000,A,2,2,2,1\n3000,4000,A,4,4,4,1\n`);
  expect(readFileSync(deadLetters, 'utf8')).toContain('"code":"record-cut"');
});

test('--idle-after closes the last windows without a further trade', async () => {
  const path = join(folder, 'idle.csv');
  writeFileSync(path, 'A,,1,1,1000,\n');
  const run = new Tidemark([
    'run',
    '-i',
    path,
    '--follow',
    '-w',
    '100ms',
    '-d',
    '200ms',
    '--idle-after',
    '50ms',
    '-o',
    '-',
  ]);
  await run.printed(({ stdout }) => stdout.includes('1000,1100,A,1,1,1,1'));
  run.process.kill('SIGINT');
  expect(await run.finished).toMatchObject({ code: 0 });
});

/** A command listens for signals before it opens its outputs, which stand aside until it ends. */
function hasOpenOutput(): boolean {
  return readdirSync(folder).some((name) => name.startsWith('.tidemark-'));
}
