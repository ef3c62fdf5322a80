/**
 * Checkpoints in Redis: what a save and a load of a large state take, and for how long one holds up trades.
 *
 *   npm run bench:redis-restore               10,000 symbols, 60 panes; medians of 5 rounds after a warm-up
 *   npm run bench:redis-restore -- --json     figures as one JSON line
 *
 * Starts a redis-server of its own on a free port, or uses TIDEMARK_TEST_REDIS. Each load is compared with what was
 * saved, figure by figure, outside of the measured time.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import type { Checkpoint, CheckpointChange, CheckpointPane } from '../src/pipeline/checkpoint.ts';
import { encodePane } from '../src/redis/pane-bytes.ts';
import { redisCheckpointStore } from '../src/redis/redis-checkpoint-store.ts';
import { PRICE_STRIDE } from '../src/window/accumulator.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { median } from './support/process-run.ts';

interface Round {
  readonly wholeMs: number;
  readonly wholeBlocksMs: number;
  readonly loadMs: number;
  readonly loadPauseMs: number;
  readonly encodeMs: number;
  readonly namesOneByOneMs: number;
  readonly blockedMs: number;
  readonly changeMs: number;
  readonly paneBytes: number;
}

const SYMBOLS = 10_000;
const PANES = 60;
const DIRTY_PANES = 2;
const ROUNDS = 5;
const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const symbols = Array.from({ length: SYMBOLS }, (_, i) => symbolOf(i));
const panes = Array.from({ length: PANES }, (_, i) => paneOf(i * 1_000));
const whole: CheckpointChange = {
  offset: 1n,
  watermarkMs: 0,
  shape: '60s/1s',
  panes,
  tails: [],
  whole: true,
  dropBeforeMs: 0,
};

const redis = await startRedis();
const watching = new Redis(redis.url);
const emptyBytes = await memory('used_memory');
const silent = (): undefined => undefined;
const store = redisCheckpointStore({
  place: { kind: 'single', url: redis.url },
  pipeline: `bench-${process.pid}`,
  ttlMs: 60_000,
  timeoutMs: 10_000,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
});

const encodedNames = new Map<string, Buffer>();
const rounds: Round[] = [];
await round();
for (let i = 0; i < ROUNDS; i++) rounds.push(await round());
const keptBytes = (await memory('used_memory')) - emptyBytes;
const peakBytes = (await memory('used_memory_peak')) - emptyBytes;
watching.disconnect();
await store.close();
await redis.stop();
report();

/** A figure of Redis's own, in bytes. */
async function memory(name: string): Promise<number> {
  const line = (await watching.info('memory')).split('\r\n').find((each) => each.startsWith(`${name}:`));
  return Number(line?.slice(name.length + 1));
}

async function round(): Promise<Round> {
  const { blockedMs: wholeBlocksMs, tookMs: wholeMs } = await save(whole);
  const dirty = panes.slice(-DIRTY_PANES);
  const startedMs = performance.now();
  const encoded = dirty.map(encodePane);
  const encodeMs = performance.now() - startedMs;
  const namesOneByOneMs = timeOfNamesOneByOne(dirty);
  const { blockedMs, tookMs } = await save({ ...whole, whole: false, panes: dirty });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let loaded: Checkpoint | undefined;
  const loadMs = await timed(async () => (loaded = await store.load(0)));
  await setTimeout(20); // so that the turn of the loop that decoded is counted
  delay.disable();
  verify(loaded);
  return {
    wholeMs,
    wholeBlocksMs,
    loadMs,
    loadPauseMs: delay.max / 1e6,
    encodeMs,
    namesOneByOneMs,
    blockedMs,
    changeMs: tookMs,
    paneBytes: encoded[0].length,
  };
}

/** How long `save` itself keeps the thread: encoding, and handing the bytes to the socket. */
async function save(change: CheckpointChange): Promise<{ blockedMs: number; tookMs: number }> {
  const startedMs = performance.now();
  const saving = store.save(0, 1n, change);
  await Promise.resolve();
  await Promise.resolve(); // the command has been written when the promises before it are settled
  const blockedMs = performance.now() - startedMs;
  await saving;
  return { blockedMs, tookMs: performance.now() - startedMs };
}

/** The other way to write names, for comparison: each looked up among encoded ones and copied. */
function timeOfNamesOneByOne(dirty: readonly CheckpointPane[]): number {
  const startedMs = performance.now();
  for (const { symbols: names } of dirty) {
    const bytes = Buffer.allocUnsafe(names.length * 16);
    let at = 0;
    for (const name of names) {
      const encoded = encodedNames.get(name) ?? Buffer.from(name);
      encodedNames.set(name, encoded);
      bytes[at++] = encoded.length;
      for (let i = 0; i < encoded.length; i++) bytes[at++] = encoded[i];
    }
  }
  return performance.now() - startedMs;
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await task();
  return performance.now() - startedMs;
}

function verify(loaded: Checkpoint | undefined): void {
  if (loaded?.panes.length !== PANES)
    throw new Error(`${loaded?.panes.length ?? 'No'} panes of ${PANES} came back.`);
  for (const [i, { startMs, symbols: names, figures }] of loaded.panes.entries()) {
    const saved = panes[i];
    const isSame =
      startMs === saved.startMs &&
      names.length === SYMBOLS &&
      names.every((name, at) => name === symbols[at]) &&
      figures.every((figure, at) => figure === saved.figures[at]);
    if (!isSame) throw new Error(`Pane ${i} came back as another.`);
  }
}

function report(): void {
  const figure = (name: keyof Round): number => Number(median(rounds.map((each) => each[name])).toFixed(2));
  const figures = {
    saveWholeMs: figure('wholeMs'),
    saveWholeBlocksMs: figure('wholeBlocksMs'),
    loadMs: figure('loadMs'),
    longestPauseOfLoadMs: figure('loadPauseMs'),
    encodeChangeMs: figure('encodeMs'),
    namesOneByOneMs: figure('namesOneByOneMs'),
    changeBlocksMs: figure('blockedMs'),
    saveChangeMs: figure('changeMs'),
    paneBytes: figure('paneBytes'),
    redisBytesPerSymbolAndPane: Number((keptBytes / SYMBOLS / PANES).toFixed(1)),
    redisPeakOfKept: Number((peakBytes / keptBytes).toFixed(2)),
  };
  if (flags.json) {
    console.log(JSON.stringify({ symbols: SYMBOLS, panes: PANES, dirtyPanes: DIRTY_PANES, ...figures }));
    return;
  }
  const mb = (figures.paneBytes / 1e6).toFixed(2);
  console.log(`${SYMBOLS} symbols, ${PANES} panes of ${mb} MB, medians of ${ROUNDS} rounds`);
  console.log(
    `  save, whole                          ${figures.saveWholeMs} ms, holds up trades ${figures.saveWholeBlocksMs} ms`,
  );
  console.log(
    `  load, decoded                        ${figures.loadMs} ms, longest pause ${figures.longestPauseOfLoadMs} ms`,
  );
  console.log(
    `  save, ${DIRTY_PANES} changed panes                ${figures.saveChangeMs} ms, holds up trades ${figures.changeBlocksMs} ms`,
  );
  console.log(`  of that encoding                     ${figures.encodeChangeMs} ms`);
  console.log(
    `  Redis keeps ${figures.redisBytesPerSymbolAndPane} bytes a symbol and pane, at its peak ${figures.redisPeakOfKept} times as much`,
  );
  console.log(`  names alone, one by one from a cache ${figures.namesOneByOneMs} ms`);
}

/** As tickers are: one to five letters, a few with a class behind a dot. */
function symbolOf(i: number): string {
  let name = '';
  for (let rest = i + 27; rest > 0; rest = Math.floor(rest / 26))
    name += String.fromCharCode(65 + (rest % 26));
  return i % 50 === 0 ? `${name}.A` : name;
}

function paneOf(startMs: number): CheckpointPane {
  // Names as they come from another table each time, so that none is found by its address.
  const names = symbols.map((name) => Buffer.from(name).toString());
  return {
    startMs,
    symbols: names,
    figures: Float64Array.from({ length: SYMBOLS * PRICE_STRIDE }, (_, i) => startMs + i),
  };
}
