import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Duplicates } from '../../../src/feed/duplicates.ts';
import type { Feed, FeedRecord } from '../../../src/feed/feed.ts';
import { marketFeed } from '../../../src/feed/market-feed.ts';
import { presetFeed } from '../../../src/feed/preset-feed.ts';
import { replayFeed } from '../../../src/feed/replay-feed.ts';
import { tradeText } from '../../../src/feed/trade-text.ts';
import { fileSource } from '../../../src/source/file-source.ts';
import { Random } from '../../../src/source/random.ts';
import { CODEC } from '../../support/decode.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const START_MS = Date.UTC(2018, 7, 21, 20, 55, 38);
const folder = temporaryFolder();
const text = tradeText({ ...CODEC, priceDecimals: 6 });

async function linesDue(feed: Feed, elapsedMs: number, most = Infinity): Promise<string[] | undefined> {
  const due = await feed.due(elapsedMs, most);
  return due?.map(({ value }) => value.toString());
}

const eventMs = (line: string): number => Number(line.split(',')[4]);

function market(change: Partial<Parameters<typeof marketFeed>[0]> = {}): Feed {
  const options = { symbols: 50, rate: 1_000, disorderMs: 0, lateShare: 0, seed: 7, firstMs: START_MS };
  return marketFeed({ ...options, ...change }, text);
}

test('a market’s trades are due as its rate says, keyed by symbol, and none is left out by who comes late', async () => {
  const feed = market();
  expect(await feed.due(0, Infinity)).toHaveLength(1);
  expect(await feed.due(99.9, Infinity)).toHaveLength(99);
  expect(await feed.due(99.9, Infinity)).toEqual([]);
  expect(await feed.due(10_000, 500)).toHaveLength(500);
  const rest = (await feed.due(10_000, Infinity)) ?? [];
  expect(rest).toHaveLength(10_001 - 600);
  expect(rest.every(({ key, value }) => value.toString().startsWith(`${key},`))).toBe(true);
  expect(eventMs(rest[rest.length - 1].value.toString())).toBe(START_MS + 10_000);
});

test('the same seed makes the same trades, in whatever pieces they are taken', async () => {
  const whole = await linesDue(market({ disorderMs: 800 }), 999);
  const inPieces: string[] = [];
  const feed = market({ disorderMs: 800 });
  for (let ms = 0; ms < 1_000; ms += 37) inPieces.push(...((await linesDue(feed, Math.min(ms, 999))) ?? []));
  inPieces.push(...((await linesDue(feed, 999)) ?? []));
  expect(inPieces).toEqual(whole);
  expect(await linesDue(market({ disorderMs: 800, seed: 8 }), 999)).not.toEqual(whole);
});

test('late trades are marked, and are as many as asked for', async () => {
  const records = (await market({ lateShare: 0.1, rate: 10_000 }).due(1_999, Infinity)) ?? [];
  const late = records.filter(({ isLate }) => isLate);
  expect(late.length / records.length).toBeCloseTo(0.1, 1);
  expect(late.every(({ value }) => eventMs(value.toString()) < START_MS + 2_000 - 5_000)).toBe(true);
});

test('the preset late: five trades in 13 s, and the last is 12 s late', async () => {
  const feed = presetFeed('late', 1, START_MS, text);
  expect(await linesDue(feed, 999)).toHaveLength(1);
  expect(await linesDue(feed, 2_000)).toHaveLength(2);
  expect(await linesDue(feed, 12_999)).toHaveLength(1);
  expect(await linesDue(feed, 13_000)).toEqual(['stock1,BUY ,50.00,100,1534884939000,2018-08-21 20:55:39.0']);
  expect(await linesDue(feed, 99_999)).toBeUndefined();
});

test('the preset random: a trade of three stocks a second, some held up by at most 0.2 s', async () => {
  const lines = (await linesDue(presetFeed('random', 3, START_MS, text), 3_600_000)) ?? [];
  expect(lines.length).toBeGreaterThan(3_580);
  expect(lines.length).toBeLessThan(3_600);
  for (const line of lines) expect(line).toMatch(/^(AGL|AMC|ANZ),(SELL|BUY ),\d{1,3}\.\d\d,\d{1,3},\d{13},/);
  const gapsMs = lines.slice(1).map((line, i) => eventMs(line) - eventMs(lines[i]));
  expect(Math.min(...gapsMs)).toBe(1_000);
  expect(Math.max(...gapsMs)).toBeLessThanOrEqual(1_200);
  const heldUp = gapsMs.filter((gapMs) => gapMs > 1_000).length;
  expect(heldUp / gapsMs.length).toBeCloseTo(0.02, 2);
});

test('a recording is written line by line as it is, at n times its pace, without its header', async () => {
  //  happened  0 s ── 2 s ── 1 s (out of order) ── no trade ── 4 s      at speed 2: due 0, 1, 1, 1, 2 s
  const lines = ['A,,1,1,10000', 'B,,2,1,12000', 'A,,3,1,11000', 'no trade', 'A,,4,1,14000'];
  const file = join(folder, 'recording.csv.gz');
  writeFileSync(file, gzipSync(`symbol,side,price,quantity,time\r\n${lines.join('\r\n')}\r\n`));
  const feed = replayFeed(fileSource(file), { ...CODEC, header: 'auto' }, 2);
  expect(await linesDue(feed, 999)).toEqual(lines.slice(0, 1));
  const due = (await feed.due(1_000, Infinity)) ?? [];
  expect(due.map(({ key, value }) => [key, value.toString()])).toEqual([
    ['B', lines[1]],
    ['A', lines[2]],
    [null, lines[3]],
  ]);
  expect(await linesDue(feed, 1_999)).toEqual([]);
  expect(await linesDue(feed, 2_000)).toEqual([lines[4]]);
  expect(await linesDue(feed, 2_000)).toBeUndefined();
  expect(feed.progress()).toEqual({ bytes: expect.any(Number), totalBytes: expect.any(Number) });
});

test('a recording at full speed is due at once, in pieces of the size that is asked for', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `S${i % 7},,1,1,${1_000_000 + i * 1_000}`);
  writeFileSync(join(folder, 'long.csv'), `${lines.join('\n')}\n`);
  const feed = replayFeed(fileSource(join(folder, 'long.csv')), CODEC, Infinity);
  const read: string[] = [];
  for (let due = await linesDue(feed, 0, 300); due !== undefined; due = await linesDue(feed, 0, 300)) {
    expect(due.length).toBeLessThanOrEqual(300);
    read.push(...due);
  }
  expect(read).toEqual(lines);
});

test('duplicates come once more, later, and none is lost at the end', () => {
  const record = (value: string): FeedRecord => ({ key: 'A', value, isLate: false });
  const duplicates = new Duplicates(0.5, new Random(1));
  const first = Array.from({ length: 100 }, (_, i) => record(String(i)));
  expect(duplicates.after(first)).toEqual(first);
  const second = duplicates.after([record('x')]);
  expect(second[0].value).toBe('x');
  const repeated = second.slice(1);
  expect(repeated.length).toBeGreaterThan(30);
  expect(repeated.length).toBeLessThan(70);
  expect(first).toEqual(expect.arrayContaining(repeated));
  expect(duplicates.count).toBe(repeated.length);
  expect(new Duplicates(0, new Random(1)).after(first)).toBe(first);
});
