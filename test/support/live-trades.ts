import { seededRandom } from './random.ts';

export interface LiveTradesOptions {
  readonly count: number;
  readonly random: () => number;
  /** When the i-th trade is sent, in ms since the epoch; its event time is up to 0.9 s before. */
  readonly sentAtMs: (i: number) => number;
  /** Which part of the trades comes 5 s after its time. */
  readonly late?: number;
  /** Which part of the records is no trade. */
  readonly bad?: number;
}

export interface LiveRecord {
  readonly key: string;
  readonly value: string | null;
}

/** Trades of 40 symbols as they come from a market: a little out of order, a few late, a few broken. */
export function* liveTrades({
  count,
  random,
  sentAtMs,
  late = 0,
  bad = 0,
}: LiveTradesOptions): Generator<LiveRecord> {
  for (let i = 0; i < count; i++) {
    const key = `S${Math.floor(random() * 40)}`;
    const lagMs = random() < late ? 5_000 : Math.floor(random() * 900);
    const price = (10 + random() * 900).toFixed(2);
    const timeMs = Math.floor(sentAtMs(i)) - lagMs;
    const isBad = random() < bad;
    yield {
      key,
      value: isBad ? BROKEN[i % BROKEN.length] : `${key},BUY ,${price},${1 + (i % 900)},${timeMs},x`,
    };
  }
}

/** Trades that begin now, so many a second, a few of them late; the same at each call but for the time. */
export function tradesFromNow(count: number, perSecond: number): Generator<LiveRecord> {
  const startMs = Date.now();
  const sentAtMs = (i: number): number => startMs + (i * 1000) / perSecond;
  return liveTrades({ count, random: seededRandom(7), sentAtMs, late: 0.002 });
}

/** Trades of 40 symbols in the order of their times, so many a millisecond from now on. */
export function* tradesInOrder(count: number, perMs: number): Generator<LiveRecord> {
  const startMs = Date.now();
  for (let i = 0; i < count; i++) {
    const key = `S${(i * 7) % 40}`;
    const price = (10 + ((i * 7919) % 90_000) / 100).toFixed(2);
    yield { key, value: `${key},BUY ,${price},${1 + (i % 900)},${startMs + Math.floor(i / perMs)},x` };
  }
}

const BROKEN = [
  'no trade',
  'S1,BUY ,a lot,5,1534848938300,x',
  'S1,BUY ,12.345,5,1534848938300,x',
  'S1,BUY ',
  null,
];
