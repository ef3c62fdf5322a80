import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResponseFrames } from '../../../src/kafka/response-frames.ts';
import { giveBack } from '../../../src/kafka/response-memory.ts';

/** Small ones, and some that are larger than what is read at once. */
const responses = fc.array(
  fc.oneof(fc.nat(40), fc.integer({ min: 16_370, max: 16_400 }), fc.integer({ min: 20_000, max: 400_000 })),
  { minLength: 1, maxLength: 8 },
);
/** How much comes at once, over and over. */
const reads = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200_000 })), {
  minLength: 1,
  maxLength: 6,
});

test('every response comes whole and in its order, however the bytes arrive', () => {
  fc.assert(
    fc.property(responses, reads, fc.boolean(), (lengths, counts, givesBack) => {
      const sent = lengths.map(response);
      const received: Buffer[] = [];
      const frames = new ResponseFrames((bytes) => {
        received.push(Buffer.from(bytes));
        if (givesBack) giveBack(bytes);
      });
      arrive(Buffer.concat(sent), frames, counts);
      expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
      expect(received.every((bytes, i) => bytes.equals(sent[i]))).toBe(true);
    }),
  );
});

test('the bytes of a response stay its own while it is not given back', () => {
  const sent = [response(100_000), response(50), response(100_000), response(100_000), response(30)];
  const received: Buffer[] = [];
  arrive(Buffer.concat(sent), new ResponseFrames((bytes) => received.push(bytes)), [70_000]);
  expect(received.every((bytes, i) => bytes.equals(sent[i]))).toBe(true);
});

test('a length that no memory could hold takes no memory before the bytes come', () => {
  const frames = new ResponseFrames(() => undefined);
  arrive(Buffer.from('HTTP/1.1 400 Bad Request'), frames, [24]);
  expect(frames.room().length).toBeLessThanOrEqual(64 * 1024 * 1024);
});

test('a negative length is refused', () => {
  const frames = new ResponseFrames(() => undefined);
  expect(() => {
    arrive(Buffer.from([0xff, 0xff, 0xff, 0xfe]), frames, [4]);
  }).toThrow('A response of -2 bytes is announced');
});

function response(length: number): Buffer {
  const bytes = Buffer.alloc(4 + length, length % 251);
  bytes.writeInt32BE(length);
  return bytes;
}

/** As a socket reads: at most as much as there is room for. */
function arrive(bytes: Buffer, frames: ResponseFrames, counts: readonly number[]): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const room = frames.room();
    const count = Math.min(room.length, counts[i % counts.length], bytes.length - at);
    bytes.copy(room, 0, at, at + count);
    at += count;
    frames.take(count);
  }
}
