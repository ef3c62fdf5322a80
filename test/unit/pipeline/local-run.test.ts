import { expect, test } from '@jest/globals';
import { deadLetterLine } from '../../../src/pipeline/reject-output.ts';
import { chunksOf, collected, localRun } from './local-run-of.ts';

test('a long silence adds nothing to what waits for the next chunk', async () => {
  let silence: Promise<IteratorResult<Uint8Array>> | undefined;
  let listeners = 0;
  const counted = (chunk: Promise<IteratorResult<Uint8Array>>): typeof chunk => {
    const then = chunk.then.bind(chunk);
    chunk.then = ((...reactions: Parameters<typeof then>) => {
      listeners++;
      return then(...reactions);
    }) as typeof chunk.then;
    return chunk;
  };
  const run = localRun({
    idleAfterMs: 1,
    next: () =>
      (silence ??= counted(new Promise((end) => setTimeout(end, 200, { done: true, value: undefined })))),
  });
  await run.consume(new AbortController().signal);
  expect(listeners).toBeLessThan(5);
});

test('empty lines and records that are no trades do not end a silence', async () => {
  //  chunks   trade ──"\n"──"\n"── ... every 20 ms      idle after 100 ms
  const out = collected();
  const chunks = chunksOf(['A,,1,1,1000,\n', ...Array<string>(60).fill('\n'), 'A,,x,1,1000,\n']);
  const run = localRun({
    idleAfterMs: 100,
    collected: out,
    next: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return chunks();
    },
  });
  await run.consume(new AbortController().signal);
  expect(out.results).toEqual(['1000 A 1']);
});

test('after a cut the header may come again, and places count from the beginning', async () => {
  const out = collected();
  const header = 'ticker,price,size,time';
  const run = localRun({
    collected: out,
    next: chunksOf([
      `\ufeff${header}\r\nA,1,1,1000\nA,2`,
      { cut: 'the file was replaced' },
      `${header}\nB,x,1,2000\nA,3,1,3000\n`,
      { cut: 'the connection closed' },
      'A,4,1,4000\n',
    ]),
  });
  await run.consume(new AbortController().signal);
  await run.closeAll();
  expect(out.results).toEqual(['1000 A 1', '3000 A 3', '4000 A 4']);
  expect(out.deadLetters).toMatchObject([
    { code: 'record-cut', line: 3, offset: 38 },
    { code: 'not-a-number', line: 2, offset: 23 },
  ]);
});

test('a dead letter holds its record to the byte, a byte order mark too', async () => {
  const out = collected();
  await localRun({ collected: out, next: chunksOf(['A,,1,1,1000,\n\ufeffB,,x,1,1000\n']) }).consume(
    new AbortController().signal,
  );
  expect(JSON.parse(deadLetterLine(out.deadLetters[0]))).toMatchObject({ record: '\ufeffB,,x,1,1000' });
});

test('early results of many windows are handed over before they fill the memory', async () => {
  const out = collected();
  const trades = Array.from({ length: 1000 }, (_, i) => `A,,1,1,${1_000_000 + i},\n`).join('');
  const windows = [{ kind: 'time', sizeMs: 100_000, slideMs: 100 }] as const;
  await localRun({ collected: out, emit: 'update', windows, next: chunksOf([trades]) }).consume(
    new AbortController().signal,
  );
  expect(out.results).toHaveLength(1_000_009); // 1,000 a trade, and nine windows close
  expect(out.mostAtOnce).toBeLessThan(400_000);
});
