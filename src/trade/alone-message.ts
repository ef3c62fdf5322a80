import type { TradeBatch } from './trade-batch.ts';

/**
 * Messages that hold one trade each, as it came, whatever message it came in. To be asked for in rising order of the
 * rows. A line of CSV, an object of JSON and a record of a schema are such messages as they stand. An element of an Avro
 * array becomes an array of one element: the header, the branch of the union if the array was one, a block of one.
 */
export function aloneMessages(
  bytes: Uint8Array,
  { recordStart, recordEnd, arrays }: TradeBatch,
): (row: number) => Uint8Array {
  let next = 0;
  return (row) => {
    const record = bytes.subarray(recordStart[row], recordEnd[row]);
    while (next < arrays.length && arrays[next].rowEnd <= row) next++;
    if (next === arrays.length || row < arrays[next].row) return record;
    const { start, blocksStart } = arrays[next];
    return Buffer.concat([bytes.subarray(start, blocksStart), BLOCK_OF_ONE, record, NO_MORE_BLOCKS]);
  };
}

/** Avro 1.12, "Arrays": counts are zigzag, so 2 is 1. */
const BLOCK_OF_ONE = Uint8Array.of(2);
const NO_MORE_BLOCKS = Uint8Array.of(0);
