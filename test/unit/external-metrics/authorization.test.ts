import { expect, test } from '@jest/globals';
import { Authorization, type Verdict } from '../../../src/external-metrics/authorization.ts';
import type { Attributes } from '../../../src/external-metrics/request.ts';

const LIST: Attributes = { nonResourceAttributes: { path: '/apis', verb: 'get' } };
const AUTOSCALER = { user: 'autoscaler', groups: ['system:authenticated'], extra: {} };

test('who may is asked about once in half a minute, who may not once in five seconds', async () => {
  const { authorization, reviews, time } = reviewed(({ user }) => ({ allowed: user === 'autoscaler' }));
  const nobody = { ...AUTOSCALER, user: 'nobody' };
  for (const [atMs, mayMs, mayNotMs] of [
    [0, 1, 1],
    [4_999, 1, 1],
    [5_000, 1, 2],
    [29_999, 1, 3],
    [30_000, 2, 3],
  ]) {
    time.nowMs = atMs;
    expect((await authorization.verdict(AUTOSCALER, LIST)).allowed).toBe(true);
    expect((await authorization.verdict(nobody, LIST)).allowed).toBe(false);
    expect([count(reviews, 'autoscaler'), count(reviews, 'nobody')]).toEqual([mayMs, mayNotMs]);
  }
});

test('users, groups and what is asked for are told apart', async () => {
  const { authorization, reviews } = reviewed(() => ({ allowed: true }));
  await authorization.verdict(AUTOSCALER, LIST);
  await authorization.verdict({ ...AUTOSCALER, groups: ['others'] }, LIST);
  await authorization.verdict(AUTOSCALER, { nonResourceAttributes: { path: '/other', verb: 'get' } });
  expect(reviews).toHaveLength(3);
});

test('who asks the same at once waits for one review, and a failed one is not kept', async () => {
  let fails = true;
  const { authorization, reviews } = reviewed(() => {
    if (fails) throw new Error('the API server does not answer');
    return { allowed: true };
  });
  const both = await Promise.allSettled([1, 2].map(() => authorization.verdict(AUTOSCALER, LIST)));
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(reviews).toHaveLength(1);
  fails = false;
  expect(await authorization.verdict(AUTOSCALER, LIST)).toEqual({ allowed: true });
});

test('masters may without being asked about', async () => {
  const { authorization, reviews } = reviewed(() => ({ allowed: false }));
  const master = { ...AUTOSCALER, groups: ['system:masters'] };
  expect(await authorization.verdict(master, LIST)).toEqual({ allowed: true });
  expect(reviews).toEqual([]);
});

test('of very many users the latest are remembered', async () => {
  const { authorization, reviews } = reviewed(() => ({ allowed: true }));
  for (let at = 0; at < 1_200; at++) await authorization.verdict({ ...AUTOSCALER, user: `user-${at}` }, LIST);
  await authorization.verdict({ ...AUTOSCALER, user: 'user-1199' }, LIST);
  expect(reviews).toHaveLength(1_200);
  await authorization.verdict({ ...AUTOSCALER, user: 'user-0' }, LIST);
  expect(reviews).toHaveLength(1_201);
});

function reviewed(decide: (spec: { user: string }) => Verdict) {
  const reviews: string[] = [];
  const time = { nowMs: 0 };
  const authorization = new Authorization(
    async (spec) => {
      reviews.push(spec.user);
      await Promise.resolve();
      return decide(spec);
    },
    () => time.nowMs,
  );
  return { authorization, reviews, time };
}

function count(reviews: readonly string[], user: string): number {
  return reviews.filter((each) => each === user).length;
}
