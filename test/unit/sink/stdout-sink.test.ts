import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { stdoutSink } from '../../../src/sink/stdout-sink.ts';
import { named, results, Screen } from './results.ts';

const OPTIONS = { format: 'csv', measures: ['average'] } as const;
const ROWS = results([{ symbol: 0 }]);
const MANY = results(Array.from({ length: 20_000 }, () => ({ symbol: 0 })));

test('results go out as lines below one header', async () => {
  const stream = new Screen(false);
  const sink = stdoutSink(stream, OPTIONS);
  await sink.write(ROWS, named('AMC'));
  await sink.write(ROWS, named('AMC'));
  await sink.finish();
  const line = '1534848936000,1534848939000,AMC,1.5\n';
  expect(stream.text).toBe(`start,end,stockName,price\n${line}${line}`);
});

test('a run without results writes the header', async () => {
  const stream = new Screen(false);
  await stdoutSink(stream, OPTIONS).finish();
  expect(stream.text).toBe('start,end,stockName,price\n');
});

test('a reader that leaves ends it quietly: `closed` aborts and no write fails', async () => {
  const reader = spawn('head', ['-n', '1'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const sink = stdoutSink(reader.stdin, OPTIONS);
  const exited = once(reader, 'exit');
  const closed = once(sink.closed, 'abort');
  for (let writes = 0; writes < 10; writes++) await sink.write(MANY, named('AMC'));
  await closed;
  await sink.write(MANY, named('AMC'));
  await sink.finish();
  await exited;
  reader.stdout.destroy();
  expect(sink.closed.aborted).toBe(true);
});

test('a write waits for a slow reader', async () => {
  let release: (() => void) | undefined;
  const slow = new Writable({
    write: (_chunk, _encoding, done) => {
      release = done;
    },
  });
  let isWritten = false;
  const written = Promise.resolve(stdoutSink(slow, OPTIONS).write(ROWS, named('AMC'))).then(() => {
    isWritten = true;
  });
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
  expect(isWritten).toBe(false);
  release?.(); // the header
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
  release?.(); // the line
  await written;
  expect(isWritten).toBe(true);
});

test('a full disk is an error', async () => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    },
  });
  await expect(stdoutSink(full, OPTIONS).write(ROWS, named('AMC'))).rejects.toMatchObject({
    code: 'OUTPUT_DISK_FULL',
  });
});
