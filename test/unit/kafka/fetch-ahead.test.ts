import { expect, test } from '@jest/globals';
import { AnsweredOffsets, FetchAhead, type FetchAnswer } from '../../../src/kafka/fetch-ahead.ts';
import type { FetchRequest } from '../../../src/kafka/kafkajs-internals.ts';

test('while there is more to read, the next piece is asked for as soon as one is handed on', async () => {
  const broker = new ScriptedBroker(100);
  const ahead = new FetchAhead(broker.send);
  expect(await ahead.fetch(from(0))).toBe('from 0');
  expect(broker.asked).toEqual([0, 10]);
  expect(await ahead.fetch(from(10))).toBe('from 10');
  expect(broker.asked).toEqual([0, 10, 20]);
});

test('no more than one answer waits', async () => {
  const broker = new ScriptedBroker(100);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  await new Promise(setImmediate);
  expect(broker.asked).toEqual([0, 10]);
});

test('at the end of the partition nothing is asked for ahead', async () => {
  const broker = new ScriptedBroker(10);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  expect(broker.asked).toEqual([0]);
});

test('after a seek what was asked for ahead is dropped', async () => {
  const broker = new ScriptedBroker(100);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  expect(await ahead.fetch(from(50))).toBe('from 50');
  expect(broker.asked).toEqual([0, 10, 50, 60]);
});

test('asking for the next piece says that the one before is processed, and not the one that waits', async () => {
  const broker = new ScriptedBroker(100);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  await new Promise(setImmediate);
  expect(broker.done).toEqual([]);
  await ahead.fetch(from(10));
  expect(broker.done).toEqual([0]);
});

test('a piece that is dropped is done with', async () => {
  const broker = new ScriptedBroker(100);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  await ahead.fetch(from(50));
  expect(broker.done).toEqual([0, 10]);
});

test('a request ahead that fails, fails where it is awaited, and the one after it is asked anew', async () => {
  const broker = new ScriptedBroker(100, 10);
  const ahead = new FetchAhead(broker.send);
  await ahead.fetch(from(0));
  await expect(ahead.fetch(from(10))).rejects.toThrow('connection lost');
  expect(await ahead.fetch(from(10))).toBe('from 10');
});

test('a broker that has not answered for every partition is not asked ahead', () => {
  const answered = new AnsweredOffsets();
  answered.add({ topic: 'stocks', partition: 0, fromOffset: 0, nextOffset: 10, lastStableOffset: 100 });
  const request = from(0);
  request.topics[0].partitions.push({ partition: 1, fetchOffset: '0', maxBytes: 1 });
  expect(answered.next(request)).toBeUndefined();
});

/** A partition of `end` records, ten to a piece; `failsAt` fails the first time. */
class ScriptedBroker {
  readonly asked: number[] = [];
  /** Which answers may go. */
  readonly done: number[] = [];
  readonly #end: number;
  #failsAt: number | undefined;

  constructor(end: number, failsAt?: number) {
    this.#end = end;
    this.#failsAt = failsAt;
  }

  readonly send = (request: FetchRequest): Promise<FetchAnswer> => {
    const fromOffset = Number(request.topics[0].partitions[0].fetchOffset);
    this.asked.push(fromOffset);
    if (fromOffset === this.#failsAt) {
      this.#failsAt = undefined;
      return Promise.reject(new Error('connection lost'));
    }
    const answered = new AnsweredOffsets();
    const nextOffset = Math.min(this.#end, fromOffset + 10);
    answered.add({ topic: 'stocks', partition: 0, fromOffset, nextOffset, lastStableOffset: this.#end });
    return Promise.resolve({
      response: `from ${fromOffset}`,
      next: answered.next(request),
      done: () => {
        this.done.push(fromOffset);
      },
    });
  };
}

function from(offset: number): FetchRequest {
  const partitions = [{ partition: 0, fetchOffset: String(offset), maxBytes: 1_000 }];
  return { isolationLevel: 1, topics: [{ topic: 'stocks', partitions }] };
}
