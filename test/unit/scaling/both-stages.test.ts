import { expect, test } from '@jest/globals';
import { throughBoth } from '../../../src/scaling/both-stages.ts';
import { totalLag, type GroupReading, type LoadReading } from '../../../src/scaling/load-reading.ts';

/** Of a topic with partitions that end at 1,000. */
function reading(positions: readonly number[], state: GroupReading['state'] = 'settled'): LoadReading {
  return {
    atMs: 5_000,
    partitions: positions.map((position, partition) => ({ partition, endOffset: 1_000, position })),
    group: { state, members: [{ memberId: 'a', partitions: positions.map((_, partition) => partition) }] },
  };
}

test('what waits in either stage of a re-keyed pipeline waits; what arrives is what its input gets', () => {
  const both = throughBoth(reading([1_000, 900]), reading([400, 1_000, 1_000]));
  expect(totalLag(both)).toBe(100 + 600);
  expect(both.partitions.map(({ endOffset }) => endOffset)).toEqual([1_000, 1_000]);
});

test.each([
  ['settled', 'settled', 'settled'],
  ['settled', 'rebalancing', 'rebalancing'],
  ['empty', 'settled', 'rebalancing'],
  ['empty', 'empty', 'empty'],
] as const)('with stages %s and %s the pipeline is %s', (rekey, windows, state) => {
  expect(throughBoth(reading([0], rekey), reading([0], windows)).group.state).toBe(state);
});
