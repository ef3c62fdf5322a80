import type { AvroAction } from './avro-actions.ts';
import type { AvroType } from './avro-type.ts';
import type { WireCursor } from './wire-cursor.ts';

/** Passes over an array or a map: blocks of a count and so many items, a negative count with its length in bytes. */
export function skipBlocks(cursor: WireCursor, skipItem: AvroAction): void {
  while (!cursor.broken) {
    let left = cursor.zigzag();
    if (left === 0) return;
    if (left < 0) {
      cursor.skip(cursor.zigzag());
      continue;
    }
    for (; left > 0; left--) {
      const before = cursor.at;
      skipItem(cursor);
      if (cursor.at === before) break; // broken, or items without a byte, of which a few bytes may promise billions
    }
  }
}

/** How many items the next block of an array has; its length in bytes, where it is told, is passed over. */
export function blockCount(cursor: WireCursor): number {
  const count = cursor.zigzag();
  if (count >= 0) return count;
  cursor.varint();
  return -count;
}

/** The branch of a union that comes, in as many unions as there are; undefined, and broken, for one that it lacks. */
export function chosen(type: AvroType, cursor: WireCursor): Exclude<AvroType, { kind: 'union' }> | undefined {
  if (type.kind !== 'union') return type;
  const branch = type.branches.at(cursor.count() / 2);
  if (branch !== undefined && branch.kind !== 'union') return branch; // Avro has no union in a union
  cursor.broken = true;
  return undefined;
}
