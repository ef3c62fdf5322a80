import { expect, test } from '@jest/globals';
import { localRun } from './local-run-of.ts';

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
