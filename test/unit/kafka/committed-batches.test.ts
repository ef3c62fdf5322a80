import { expect, test } from '@jest/globals';
import { committedBatches } from '../../../src/kafka/committed-batches.ts';
import { readRecordBatches } from '../../../src/kafka/record-batch.ts';
import type { RecordBatch } from '../../../src/kafka/record-batch.ts';
import { batchBytes, markerBytes, walk } from '../../support/kafka-batches.ts';

/** `a@0 b@1 abort:a commit:b -@4`: batches of one record by producer (`-`: none), and markers, one offset each. */
async function log(line: string): Promise<RecordBatch[]> {
  const entries = line.split(/\s+/).filter((entry) => entry !== '');
  const bytes = entries.map((entry, offset) => {
    const [kind, of = ''] = entry.split(':');
    if (kind === 'abort' || kind === 'commit') return markerBytes(offset, PRODUCERS[of], kind);
    const producerId = PRODUCERS[kind];
    const records = [
      { key: of === 'zeros' ? Buffer.alloc(4) : null, value: Buffer.from(`${kind}${offset}`) },
    ];
    return batchBytes({
      firstOffset: offset,
      producerId,
      transactional: producerId >= 0 && kind !== 'i',
      records,
    });
  });
  return readRecordBatches(Buffer.concat(await Promise.all(bytes)));
}

/** `i` is idempotent without transactions. */
const PRODUCERS: Record<string, number> = { '-': -1, a: 1, b: 2, c: 3, i: 4 };

function values(batches: readonly RecordBatch[]): (string | null)[] {
  return walk(batches).map(({ value }) => value);
}

const aborted = (producer: string, firstOffset: number): { producerId: number; firstOffset: number } => ({
  producerId: PRODUCERS[producer],
  firstOffset,
});

test('records of an aborted transaction are left out, and those of the next one of that producer are not', async () => {
  const batches = await log('a a abort:a a commit:a');
  expect(values(committedBatches(batches, [aborted('a', 0)]))).toEqual(['a3']);
});

test('interleaved producers are told apart', async () => {
  //  a: 0 . 2 . abort      b: . 1 . . 4 . commit      c: 3 . . . . . abort
  const batches = await log('a b a c b abort:a a commit:b abort:c commit:a');
  const committed = committedBatches(batches, [aborted('a', 0), aborted('c', 3)]);
  expect(values(committed)).toEqual(['b1', 'b4', 'a6']);
});

test('the order in which the broker lists the transactions does not matter', async () => {
  const batches = await log('a b c abort:b abort:c abort:a');
  const list = [aborted('c', 2), aborted('a', 0), aborted('b', 1)];
  expect(values(committedBatches(batches, list))).toEqual([]);
});

test('two transactions that begin at the same fetched batch are both seen', async () => {
  // Both lie before the first offset that was fetched: nothing of them but their tails is here.
  const batches = (await log('- - a b abort:a abort:b')).slice(2);
  expect(values(committedBatches(batches, [aborted('a', 0), aborted('b', 1)]))).toEqual([]);
});

test('a producer that aborts twice in one fetch', async () => {
  const batches = await log('a abort:a a abort:a a commit:a');
  expect(values(committedBatches(batches, [aborted('a', 0), aborted('a', 2)]))).toEqual(['a4']);
});

test('a record whose key looks like an abort marker is data, and does not end an aborted transaction', async () => {
  const batches = await log('a a:zeros a b:zeros abort:a commit:b -:zeros');
  expect(values(committedBatches(batches, [aborted('a', 0)]))).toEqual(['b3', '-6']);
});

test('what is in no transaction is never left out, though its producer aborts', async () => {
  const batches = await log('- i abort:i -');
  expect(values(committedBatches(batches, [aborted('i', 0)]))).toEqual(['-0', 'i1', '-3']);
});

test('markers are never handed over', async () => {
  expect(values(committedBatches(await log('a commit:a abort:b'), []))).toEqual(['a0']);
});
