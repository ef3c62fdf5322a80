import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryCheckpointStore } from '../../../src/pipeline/memory-checkpoint-store.ts';
import { NO_METADATA } from '../../../src/pipeline/offset-metadata.ts';
import { resultJson } from '../../../src/pipeline/result-json.ts';
import { PartitionState, type StateOptions } from '../../../src/pipeline/partition-state.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC } from '../../support/decode.ts';

const OPTIONS: StateOptions = {
  windows: {
    windows: [
      { kind: 'time', sizeMs: 30, slideMs: 5 },
      { kind: 'time', sizeMs: 7, slideMs: 7 },
      { kind: 'count', trades: 3, every: 2 },
    ],
    delayMs: 10,
    emit: 'final',
    scale: { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: true },
  },
  codec: CODEC,
};
const value = resultJson(['average', 'min', 'max', 'count', 'volume', 'vwap'], false);

const trade = fc
  .tuple(
    fc.constantFrom('A', 'B', 'C'),
    fc.nat({ max: 999 }),
    fc.integer({ min: 1, max: 9 }),
    fc.nat({ max: 120 }),
  )
  .map(([symbol, cents, quantity, timeMs]) => `${symbol},,${cents / 100},${quantity},${timeMs}`);

test('checkpoints of what changed, loaded by another process, go on with the same results', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(trade, { maxLength: 60 }),
      fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
      async (trades, cuts) => {
        const whole = run(new PartitionState(OPTIONS, NO_METADATA, 0), trades, 0);

        const store = memoryCheckpointStore();
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, trades.length)), trades.length].sort(
          (a, b) => a - b,
        );
        const pieces: string[] = [];
        let state = new PartitionState(OPTIONS, NO_METADATA, 0);
        for (let part = 1; part < bounds.length; part++) {
          pieces.push(...run(state, trades.slice(bounds[part - 1], bounds[part]), bounds[part - 1]));
          await store.save(0, BigInt(part), state.takeCheckpoint(bounds[part], part % 2 === 1));
          const { watermarkMs } = state;
          if (part % 2 === 0) {
            state = new PartitionState(
              OPTIONS,
              { watermarkMs, floor: 0, epoch: 1n },
              bounds[part],
              await store.load(0),
            );
          }
        }
        expect(pieces.sort()).toEqual(whole.sort());
      },
    ),
    { numRuns: 300 },
  );
});

test('replayed from the floor up to the committed offset, in silence, it goes on with the same results', () => {
  fc.assert(
    fc.property(fc.array(trade, { minLength: 1, maxLength: 60 }), fc.nat({ max: 59 }), (trades, cut) => {
      const timeOnly = {
        ...OPTIONS,
        windows: { ...OPTIONS.windows, windows: OPTIONS.windows.windows.slice(0, 2) },
      };
      const committed = Math.min(cut, trades.length);
      const first = new PartitionState(timeOnly, NO_METADATA, 0);
      run(first, trades.slice(0, committed), 0);
      const floor = first.floorAt(committed);
      const { watermarkMs } = first;
      const rest = run(first, trades.slice(committed), committed);

      const second = new PartitionState(timeOnly, { watermarkMs, floor, epoch: 1n }, floor);
      run(second, trades.slice(floor, committed), floor);
      expect(run(second, trades.slice(committed), committed)).toEqual(rest);
    }),
    { numRuns: 500 },
  );
});

/** Folds trades whose first has this offset, and returns what closed, in order of the text. */
function run(state: PartitionState, trades: readonly string[], offset: number): string[] {
  const batch = new TradeBatch();
  const bytes = Buffer.from(trades.join('\n'));
  for (let at = 0, i = 0; i < trades.length; at += trades[i].length + 1, i++) {
    state.codec.decode(bytes, at, at + trades[i].length, batch);
  }
  expect(batch.rejections).toEqual([]);
  state.fold({
    trades: batch,
    offsets: Float64Array.from(trades, (_, i) => offset + i),
  });
  const written: string[] = [];
  for (let row = 0; row < state.results.length; row++) {
    written.push(`${state.results.windowIndex[row]} ${value(state.results, row, state.symbols)}`);
  }
  state.results.clear();
  state.late.clear();
  return written.sort();
}
