import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Checkpoint, CheckpointChange, CheckpointStore } from '../../src/pipeline/checkpoint.ts';
import { memoryCheckpointStore, type KeptCheckpoint } from '../../src/pipeline/memory-checkpoint-store.ts';
import { inOrder } from '../support/checkpoints.ts';
import { RedisStores } from '../support/redis-stores.ts';
import { startRedis } from '../support/redis-server.ts';

const redis = await startRedis();
const stores = new RedisStores(redis.url);
afterAll(async () => {
  await stores.close();
  await redis.stop();
});

const symbol = fc.oneof(
  fc.constantFrom('A', 'B', 'ÜBER', '株', '💹', 'A:1', '{x}'),
  fc.stringMatching(/^[A-Z0-9.]{1,9}$/),
);
const figure = fc.double({ noNaN: true });
const column = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(figure, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));

const pane = fc
  .record({
    startMs: fc.integer({ min: -3, max: 8 }).map((index) => index * 1000),
    symbols: fc.uniqueArray(symbol, { maxLength: 4 }),
    stride: fc.constantFrom(5, 9),
  })
  .chain(({ startMs, symbols, stride }) =>
    column(symbols.length * stride).map((figures) => ({ startMs, symbols, figures })),
  );
const tail = fc.nat({ max: 3 }).chain((length) =>
  fc.record({
    window: fc.nat({ max: 2 }),
    symbol,
    seen: fc.nat(),
    timesMs: column(length),
    priceTicks: column(length),
    quantityUnits: column(length),
  }),
);
const change: fc.Arbitrary<CheckpointChange> = fc.record({
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  watermarkMs: fc.oneof(fc.integer(), fc.constant(-Infinity)),
  shape: fc.string(),
  panes: fc.uniqueArray(pane, { selector: ({ startMs }) => startMs, maxLength: 4 }),
  tails: fc.uniqueArray(tail, { selector: (each) => `${each.window}:${each.symbol}`, maxLength: 4 }),
  whole: fc.boolean(),
  dropBeforeMs: fc.oneof(
    fc.constant(-Infinity),
    fc.integer({ min: -3, max: 9 }).map((index) => index * 1000),
  ),
});

type Step =
  | {
      readonly kind: 'save';
      readonly process: number;
      readonly epoch: bigint;
      readonly change: CheckpointChange;
    }
  | { readonly kind: 'load'; readonly process: number };
const process = fc.nat({ max: 1 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('save' as const),
        process,
        epoch: fc.constantFrom(1n, 9n, 10n),
        change,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('load' as const), process }) },
  ),
  { maxLength: 12 },
);

/** What the port says, as plainly as it can be written. */
class Model {
  #epoch = -1n;
  #kept: Checkpoint | undefined;
  #version = 0;
  /** By process: the version that it saved or loaded last. */
  readonly #bases = new Map<number, number>();

  load(process: number): Checkpoint | undefined {
    this.#bases.set(process, this.#version);
    return this.#kept;
  }

  save(process: number, epoch: bigint, given: CheckpointChange): string {
    if (epoch < this.#epoch) {
      return 'fenced';
    }
    if (!given.whole && this.#bases.get(process) !== this.#version) return 'base-lost';
    const { whole, dropBeforeMs, ...state } = given;
    const stay = whole ? undefined : this.#kept;
    const isNew = (start: number): boolean => given.panes.some(({ startMs }) => startMs === start);
    const isNewTail = (key: string): boolean => given.tails.some((each) => keyOf(each) === key);
    this.#kept = {
      ...state,
      panes: [...(stay?.panes ?? []).filter(({ startMs }) => !isNew(startMs)), ...given.panes]
        .filter(({ startMs }) => startMs >= dropBeforeMs)
        .sort((a, b) => a.startMs - b.startMs),
      tails: [...(stay?.tails ?? []).filter((each) => !isNewTail(keyOf(each))), ...given.tails],
    };
    this.#epoch = epoch;
    this.#bases.set(process, ++this.#version);
    return 'saved';
  }
}

function keyOf(each: { window: number; symbol: string }): string {
  return `${each.window}:${each.symbol}`;
}

/** Runs the steps on two stores that share what is kept, as two processes do, and on the model. */
async function expectAsModel(open: () => CheckpointStore, taken: readonly Step[]): Promise<void> {
  const processes = [open(), open()];
  const model = new Model();
  for (const step of taken) {
    const store = processes[step.process];
    if (step.kind === 'load') {
      expect(inOrder(await store.load(0))).toEqual(inOrder(model.load(step.process)));
    } else {
      const saved = await store
        .save(0, step.epoch, step.change)
        .catch((error: unknown) => (error as { trouble: string }).trouble);
      expect(saved).toBe(model.save(step.process, step.epoch, step.change));
    }
  }
  expect(inOrder(await open().load(0))).toEqual(inOrder(model.load(2)));
}

test('memory: any changes, drops, whole saves and epochs of two processes load as the model has them', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const kept = new Map<number, KeptCheckpoint>();
      await expectAsModel(() => memoryCheckpointStore(kept), taken);
    }),
    { numRuns: 300 },
  );
});

test('Redis: any changes, drops, whole saves and epochs of two processes load as the model has them', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await expectAsModel(() => stores.open(), taken).finally(() => stores.clear());
    }),
    { numRuns: 150 },
  );
});
