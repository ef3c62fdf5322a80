import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { CheckpointChange, CheckpointStore } from '../../../src/pipeline/checkpoint.ts';
import { memoryCheckpointStore, type KeptCheckpoint } from '../../../src/pipeline/memory-checkpoint-store.ts';
import { parseMetadata } from '../../../src/pipeline/offset-metadata.ts';
import { expectedResults } from '../../support/expected-results.ts';
import { MemoryBroker, MemoryLog, type InputRecord } from '../../support/memory-log.ts';
import { eventually, PartitionOwner, STATE, type Place } from '../../support/partition-owner.ts';

const DELAY_MS = 1_000;
let place: Place;
let broker: MemoryBroker;

beforeEach(() => {
  // A task waits with setTimeout before it takes over again; everything else has its time given.
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date', 'hrtime'],
  });
  broker = new MemoryBroker();
  place = { broker, kept: new Map<number, KeptCheckpoint>(), clock: { nowMs: 1_000_000 } };
});
afterEach(() => {
  jest.useRealTimers();
});

/**
 * So many trades of two symbols from the second `from` on, three a second, out of order by up to 900 ms; every
 * seventeenth comes too late.
 */
function trades(count: number, from = 0): InputRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const key = i % 3 === 0 ? 'ANZ' : 'AMC';
    const lagMs = i % 17 === 16 ? 5_500 : (i % 4) * 300;
    const timeMs = 1_000_000 + 1_000 * from + 333 * i - lagMs;
    return { key, value: `${key},BUY ,${(10 + ((i * 7) % 13) / 4).toFixed(2)},1,${timeMs},` };
  });
}

/** Each result once, none missing, none other, and each late trade: computed apart, closed by the watermark. */
function expectExact(fromOffset = 0): void {
  const printed = broker.records
    .slice(fromOffset)
    .map((record, offset) => ({ ...record, partition: 0, offset, timestampMs: 0 }));
  const watermarkMs = Math.max(...printed.map(({ value }) => Number(value?.split(',')[4]))) - DELAY_MS;
  const windows = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
  const { results, late } = expectedResults(printed, windows, DELAY_MS);
  const closed = [...results.values()].filter(
    (each) => (JSON.parse(each) as { end: number }).end <= watermarkMs,
  );
  expect(closed.length).toBeGreaterThan(10);
  expect(late.size).toBeGreaterThan(0);
  expect(broker.results.map(({ value }) => value).sort()).toEqual(closed.sort());
  expect(broker.late).toHaveLength(late.size);
}

function owner(checkpoints?: CheckpointStore): PartitionOwner {
  return new PartitionOwner(place, STATE, checkpoints);
}

function epoch(): bigint | undefined {
  return parseMetadata(broker.committed?.metadata ?? '')?.epoch;
}

/** An owner that has read and saved the first trades, and died. Returns what it has left in the store. */
async function predecessor(): Promise<KeptCheckpoint> {
  broker.append(trades(30));
  await (await owner().start()).readAndCommit();
  await eventually('a checkpoint is kept', () => place.kept.has(0));
  const [kept] = place.kept.values();
  return kept;
}

test.each([
  ['did not take effect', false],
  ['took effect, its answer lost', true],
])(
  'a commit that failed and %s: the partition is taken over again, results exact',
  async (_, takesEffect) => {
    const process = await owner().start();
    broker.append(trades(20));
    await process.readAndCommit();
    broker.nextFailure = { kind: 'retry', takesEffect };
    broker.append(trades(20, 7));
    await process.read();
    place.clock.nowMs += 1_500;
    await process.task.tick();
    await process.becomes('waiting');
    await jest.advanceTimersByTimeAsync(2_000);
    await process.becomes('replaying', 'processing');
    await process.readAndCommit();
    expectExact();
    expect(process.outcomes.filter((outcome) => outcome !== 'committed')).toEqual(['aborted']);
  },
);

test('who is fenced waits until the group can have said so, and then takes over again', async () => {
  const process = await owner().start();
  broker.append(trades(20));
  await process.readAndCommit();
  const other = new MemoryLog(broker).newWriter();
  await other.fence();
  broker.append(trades(20, 7));
  await process.read();
  place.clock.nowMs += 1_500;
  await process.task.tick();
  await process.becomes('waiting');
  const { fences } = broker;
  await jest.advanceTimersByTimeAsync(1_400);
  expect(process.task.state).toBe('waiting');
  expect(broker.fences).toBe(fences);
  await jest.advanceTimersByTimeAsync(2_500);
  await process.becomes('replaying', 'processing');
  await process.readAndCommit();
  expectExact();
  expect(process.outcomes).toContain('fenced');
});

test('a failure that would come again ends the process, and is not tried again', async () => {
  const process = await owner().start();
  broker.nextFailure = { kind: 'fatal', takesEffect: false };
  broker.append(trades(20));
  await process.read();
  await eventually('it is told', () => process.fatal.length > 0);
  const { fences } = broker;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(broker.fences).toBe(fences);
});

test('an order to end that comes during the take-over: it is finished, handed over, and nothing is lost', async () => {
  await predecessor();
  const process = owner();
  const release = process.log.holdPosition();
  process.task.start();
  const ending = process.task.handOver();
  await eventually('the take-over has begun', () => process.states.includes('taking-over'));
  release();
  await ending;
  expect(process.task.state).toBe('ended');
  broker.append(trades(20, 10));
  await (await owner().start()).readAndCommit();
  expectExact();
});

test('a partition that is taken away during the take-over: its writer is closed and nothing is delivered', async () => {
  broker.append(trades(20));
  const process = owner();
  const release = process.log.holdPosition();
  process.task.start();
  await eventually('the writer has fenced', () => broker.fences === 1);
  await process.task.end();
  release();
  await eventually('the writer is closed', () => broker.openWriters === 0);
  await process.read();
  expect(process.log.sought).toEqual([]);
  expect(process.states).toEqual(['taking-over', 'ended']);
  expect(broker.results).toEqual([]);
});

test('an order to end while it waits after an error: it ends at once, and does not come back', async () => {
  const process = await owner().start();
  broker.nextFailure = { kind: 'retry', takesEffect: false };
  broker.append(trades(20));
  await process.read();
  await process.becomes('waiting');
  await process.task.handOver();
  const { fences } = broker;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(broker.fences).toBe(fences);
  expect(broker.openWriters).toBe(0);
});

test('an orderly end commits and saves at the same offset: the next owner replays nothing', async () => {
  const process = await owner().start();
  broker.append(trades(31));
  await process.read();
  await process.task.handOver();
  expect(broker.committed?.offset).toBe(31);
  expect(place.kept.get(0)?.checkpoint.offset).toBe(31n);
  const next = await owner().start();
  expect(next.log.sought).toEqual([31]);
  expect(next.states).not.toContain('replaying');
  broker.append(trades(20, 10));
  await next.readAndCommit();
  expectExact();
});

test('a checkpoint at the committed offset or before is gone on from', async () => {
  const { checkpoint } = await predecessor();
  const next = await owner().start();
  expect(next.log.sought).toEqual([Number(checkpoint.offset)]);
  broker.append(trades(20, 10));
  await next.readAndCommit();
  expectExact();
});

test.each([
  ['is ahead of the committed offset', { offset: 31n }],
  ['was made for other windows', { shape: 'another' }],
])('a checkpoint that %s is not used', async (_, other) => {
  const { checkpoint } = await predecessor();
  // Figures that would show in the results.
  const panes = checkpoint.panes.map((pane) => ({
    ...pane,
    figures: pane.figures.map((figure) => figure * 2),
  }));
  place.kept.set(0, { epoch: 1n, checkpoint: { ...checkpoint, panes, ...other } });
  broker.append(trades(20, 10));
  const next = await owner().start();
  expect(next.task.state).toBe('replaying');
  await next.readAndCommit();
  expectExact();
});

test('a checkpoint of records that the log holds no more is not used', async () => {
  const { checkpoint } = await predecessor();
  broker.append(trades(20, 10));
  broker.logStart = Number(checkpoint.offset) + 3;
  const next = await owner().start();
  expect(next.log.sought).toEqual([broker.logStart]);
});

test('the epoch rises with each take-over, and is that of the checkpoints', async () => {
  const process = await owner().start();
  expect(epoch()).toBe(1n);
  broker.append(trades(20));
  await process.readAndCommit();
  expect(epoch()).toBe(1n);
  await owner().start();
  expect(epoch()).toBe(2n);
  const last = await owner().start();
  broker.append(trades(20, 7));
  await last.readAndCommit();
  expect(epoch()).toBe(3n);
  await last.task.handOver();
  expect(place.kept.get(0)?.epoch).toBe(3n);
  expectExact();
});

test('an offset that another program has committed: told, and its windows begin anew there', async () => {
  broker.append(trades(40));
  broker.committed = { offset: 9, metadata: 'of another consumer' };
  const process = await owner().start();
  expect(process.warnings).toEqual([expect.stringContaining('was not written by this pipeline')]);
  expect(process.log.sought).toEqual([9]);
  await process.readAndCommit();
  expectExact(9);
});

test('after a save that failed the next one is whole, and a new owner goes on from it', async () => {
  const saves: CheckpointChange[] = [];
  const store = memoryCheckpointStore(place.kept);
  const failing: CheckpointStore = {
    isHealthy: true,
    load: (partition) => store.load(partition),
    close: () => store.close(),
    save: (partition, ownEpoch, change) => {
      saves.push(change);
      if (saves.length === 3) return Promise.reject(new Error('Redis is away'));
      return store.save(partition, ownEpoch, change);
    },
  };
  const process = await owner(failing).start();
  for (let i = 1; i <= 5; i++) {
    broker.append(trades(6, 2 * i));
    place.clock.nowMs += 1_500;
    await process.readAndCommit();
    await eventually(`save ${i}`, () => saves.length >= i);
  }
  expect(saves.slice(0, 5).map(({ whole }) => whole)).toEqual([true, false, false, true, false]);

  await eventually('it is kept', () => place.kept.get(0)?.checkpoint.offset === saves.at(-1)?.offset);
  const next = await owner().start();
  expect(next.log.sought).toEqual([Number(saves.at(-1)?.offset)]);
  broker.append(trades(20, 12));
  await next.readAndCommit();
  expectExact();
});
