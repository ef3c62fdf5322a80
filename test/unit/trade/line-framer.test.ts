import { expect, test } from '@jest/globals';
import { LineFramer, MAX_LINE_BYTES } from '../../../src/trade/line-framer.ts';

test('a line is too long by its length alone, wherever the chunks are cut', () => {
  const line = (length: number): string => `A\n${'x'.repeat(length)}\nB\n`;
  for (const chunkBytes of [1 << 16, 700_001, 1 << 20]) {
    expect(framed(line(MAX_LINE_BYTES), chunkBytes)).toEqual([1, MAX_LINE_BYTES, 1]);
    expect(framed(line(MAX_LINE_BYTES + 1), chunkBytes)).toEqual([1, 'record-too-long 2', 1]);
    expect(framed(line(1_500_000), chunkBytes)).toEqual([1, 'record-too-long 2', 1]);
  }
});

/** Lengths of the lines, and where the broken ones begin. */
function framed(text: string, chunkBytes: number): (number | string)[] {
  const framer = new LineFramer();
  const bytes = Buffer.from(text);
  const out: (number | string)[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const piece of framer.push(bytes.subarray(at, at + chunkBytes))) {
      if ('broken' in piece) out.push(`${piece.broken} ${piece.offset}`);
      else {
        const lines = Buffer.from(piece.bytes.subarray(piece.start, piece.end)).toString().split('\n');
        out.push(...lines.slice(0, -1).map((line) => line.length));
      }
    }
  }
  return out;
}
