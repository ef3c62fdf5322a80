import { expect, test } from '@jest/globals';
import { retryAfterMs, WorkQueue, type WorkOptions } from '../../../src/operator/work-queue.ts';
import { until } from '../../support/until.ts';

test('a key is worked on by one at a time, and once more if it was added meanwhile', async () => {
  const done: string[] = [];
  let most = 0;
  let now = 0;
  const gate = Promise.withResolvers<undefined>();
  const { queue, end } = start(async (key) => {
    now += 1;
    most = Math.max(most, now);
    if (done.length === 0) await gate.promise;
    now -= 1;
    done.push(key);
    return undefined;
  });
  queue.add('a');
  await until('it is worked on', () => now === 1);
  for (let i = 0; i < 5; i++) queue.add('a');
  gate.resolve(undefined);
  await until('it was looked at again', () => done.length === 2);
  await end();
  expect(done).toEqual(['a', 'a']);
  expect(most).toBe(1);
});

test('keys are worked on side by side, as many as there are workers', async () => {
  const gate = Promise.withResolvers<undefined>();
  let now = 0;
  const { queue, end } = start(async () => {
    now += 1;
    await gate.promise;
    return undefined;
  });
  for (const key of ['a', 'b', 'c']) queue.add(key);
  await until('two are worked on', () => now === 2);
  expect(queue.depth).toBe(1);
  gate.resolve(undefined);
  await until('all are', () => now === 3);
  expect(queue.depth).toBe(0);
  await end();
});

test('what fails is tried again until it succeeds, counting failures in a row', async () => {
  const failures: number[] = [];
  let tries = 0;
  const { queue, end } = start(
    () => {
      tries += 1;
      return tries < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve(undefined);
    },
    (_key, _error, count) => {
      failures.push(count);
      return 1;
    },
  );
  queue.add('a');
  await until('it succeeds', () => tries === 4);
  await end();
  expect(failures).toEqual([1, 2, 3]);
});

test('what asks to be looked at later is, and a change comes before', async () => {
  let looks = 0;
  const { queue, end } = start(() => {
    looks += 1;
    return Promise.resolve(looks === 1 ? 1 : 3_600_000);
  });
  queue.add('a');
  await until('it was looked at again', () => looks === 2);
  queue.add('a');
  await until('the change was', () => looks === 3);
  await end();
  expect(looks).toBe(3);
});

test('the end waits for what is under way, and nothing begins after it', async () => {
  const gate = Promise.withResolvers<undefined>();
  const done: string[] = [];
  const { queue, end } = start(async (key) => {
    await gate.promise;
    done.push(key);
    return 1;
  });
  queue.add('a');
  await until('it is worked on', () => queue.depth === 0);
  const ended = end();
  queue.add('b');
  gate.resolve(undefined);
  await ended;
  expect(done).toEqual(['a']);
});

test('waits grow up to a minute, are spread, and are never shorter than the server asks for', () => {
  expect([1, 2, 3, 20].map((failures) => retryAfterMs(failures, 1))).toEqual([100, 200, 400, 60_000]);
  expect(retryAfterMs(1, 0)).toBe(50);
  expect(retryAfterMs(1, 0, 7_000)).toBe(7_050);
});

function start(handle: WorkOptions['handle'], onFailure: WorkOptions['onFailure'] = () => 1) {
  const queue = new WorkQueue({ workers: 2, handle, onFailure });
  const ending = new AbortController();
  const running = queue.run(ending.signal);
  const end = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  return { queue, end };
}
