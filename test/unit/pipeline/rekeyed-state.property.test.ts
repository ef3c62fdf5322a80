import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryCheckpointStore } from '../../../src/pipeline/memory-checkpoint-store.ts';
import { formatMetadata, NO_METADATA, parseMetadata } from '../../../src/pipeline/offset-metadata.ts';
import { PartitionState, type StateOptions } from '../../../src/pipeline/partition-state.ts';
import { resultJson } from '../../../src/pipeline/result-json.ts';
import type { SourceProgress } from '../../../src/pipeline/source-progress.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC } from '../../support/decode.ts';

const OPTIONS: StateOptions = {
  windows: {
    windows: [
      { kind: 'time', sizeMs: 30, slideMs: 5 },
      { kind: 'time', sizeMs: 7, slideMs: 7 },
    ],
    delayMs: 10,
    emit: 'final',
    scale: { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: true },
    watermark: 'told',
  },
  codec: CODEC,
  sources: 2,
};
const value = resultJson(['average', 'min', 'max', 'count', 'volume', 'vwap'], false);

/** What stands at an offset of the topic between the stages: a trade as CSV, or how far a source is. */
type Entry = string | SourceProgress;

/** Two sources, any time apart: each passes trades on that are not late for itself, and tells where it is now and then. */
const log = fc
  .record({
    apartMs: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 1_000_000 })),
    steps: fc.array(
      fc.record({
        source: fc.nat({ max: 1 }),
        symbol: fc.constantFrom('A', 'B', 'C'),
        cents: fc.nat({ max: 999 }),
        aheadMs: fc.integer({ min: -10, max: 25 }),
        tells: fc.boolean(),
        idles: fc.nat({ max: 9 }).map((die) => die === 0),
      }),
      { maxLength: 80 },
    ),
  })
  .map(({ apartMs, steps }): Entry[] => {
    const highestMs = [1_000, 1_000 + apartMs];
    return steps.flatMap(({ source, symbol, cents, aheadMs, tells, idles }) => {
      const timeMs = highestMs[source] + aheadMs;
      highestMs[source] = Math.max(highestMs[source], timeMs);
      const trade = `${symbol},,${cents / 100},1,${timeMs}`;
      const progress = { source, watermarkMs: highestMs[source] - 10, isIdle: idles };
      return tells || idles ? [trade, progress] : [trade];
    });
  });

test('taken over at any offset, from a checkpoint or from the floor: results and watermarks as without', async () => {
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.array(fc.record({ at: fc.nat({ max: 160 }), saves: fc.boolean(), dies: fc.boolean() }), {
        maxLength: 6,
      }),
      async (entries, cuts) => {
        const whole = new PartitionState(OPTIONS, NO_METADATA, 0);
        const expected = run(whole, entries, 0, entries.length);

        const store = memoryCheckpointStore();
        const results: string[] = [];
        let state = new PartitionState(OPTIONS, NO_METADATA, 0);
        let committed = 0;
        let isWhole = true;
        for (const { at, saves, dies } of [...cuts].sort((a, b) => a.at - b.at)) {
          const offset = Math.max(committed, Math.min(at, entries.length));
          results.push(...run(state, entries, committed, offset));
          committed = offset;
          if (saves) {
            await store.save(0, 1n, state.takeCheckpoint(committed, isWhole));
            isWhole = false;
          }
          if (!dies) continue;
          const text = formatMetadata({
            watermarkMs: state.watermarkMs,
            floor: state.floorAt(committed),
            epoch: 1n,
            sources: state.sources ?? [],
          });
          const metadata = parseMetadata(text) ?? NO_METADATA;
          const checkpoint = await store.load(0);
          const from = checkpoint === undefined ? metadata.floor : Number(checkpoint.offset);
          state = new PartitionState(OPTIONS, metadata, from, checkpoint);
          isWhole = true;
          replay(state, entries, from, committed);
        }
        results.push(...run(state, entries, committed, entries.length));
        expect(results.sort()).toEqual(expected.sort());
        expect(state.watermarkMs).toBe(whole.watermarkMs);
        expect(state.sources).toEqual(whole.sources);
      },
    ),
    { numRuns: 400 },
  );
});

/** Trades are folded, what sources told is left out: it is in the metadata. */
function replay(state: PartitionState, entries: readonly Entry[], from: number, to: number): void {
  for (let offset = from; offset < to; offset++) fold(state, entries[offset], offset);
  state.results.clear();
}

/** Takes entries one by one, and returns the results. */
function run(state: PartitionState, entries: readonly Entry[], from: number, to: number): string[] {
  const results: string[] = [];
  for (let offset = from; offset < to; offset++) {
    const entry = entries[offset];
    fold(state, entry, offset);
    if (typeof entry !== 'string') state.advance([entry]);
    for (let row = 0; row < state.results.length; row++)
      results.push(value(state.results, row, state.symbols));
    state.results.clear();
  }
  return results;
}

function fold(state: PartitionState, entry: Entry, offset: number): void {
  if (typeof entry !== 'string') return;
  const bytes = Buffer.from(entry);
  const trades = new TradeBatch();
  state.codec.decode(bytes, 0, bytes.length, trades);
  state.fold({ trades, offsets: Float64Array.of(offset) });
}
