import { totalLag, type GroupReading, type LoadReading } from './load-reading.ts';

/**
 * The load of a pipeline whose input is re-keyed, as if it had one stage: what arrives is what the input gets, and a
 * record is done when both stages have had it. What waits between them is of no partition of the input, so each has an
 * equal share of it. Where a message holds several trades, what waits between counts as many.
 */
export function throughBoth(rekey: LoadReading, windows: LoadReading): LoadReading {
  const between = totalLag(windows) / Math.max(1, rekey.partitions.length);
  return {
    atMs: rekey.atMs,
    partitions: rekey.partitions.map(({ position, ...partition }) => ({
      ...partition,
      position: position - between,
    })),
    group: { ...rekey.group, state: stateOf(rekey.group, windows.group) },
  };
}

/** Records pass while both stages do. */
function stateOf(rekey: GroupReading, windows: GroupReading): GroupReading['state'] {
  if (rekey.state === 'empty' && windows.state === 'empty') return 'empty';
  return rekey.state === 'settled' && windows.state === 'settled' ? 'settled' : 'rebalancing';
}
