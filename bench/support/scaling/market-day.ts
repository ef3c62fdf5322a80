import { Random } from '../../../src/source/random.ts';

/** Trades per second at every second of a day. */
export type Day = Float64Array;

export const DAY_SECONDS = 86_400;

/** Days that differ in what makes it hard to follow them. The same seed gives the same day. */
export const MARKETS = {
  bursts: burstsDay,
  'short-bursts': shortBurstsDay,
  swings: swingsDay,
  opening: openingDay,
  steady: steadyDay,
} as const satisfies Readonly<Record<string, (seed: number) => Day>>;

export type Market = keyof typeof MARKETS;

export function isMarket(name: string): name is Market {
  return Object.hasOwn(MARKETS, name);
}

/**
 * Quiet at night, a session that opens and closes busy, and 40 bursts out of nothing, of which each comes within
 * seconds, stays for a minute to a quarter of an hour, and fades.
 */
function burstsDay(seed: number): Day {
  const { random, uniform } = numbersOf(seed);
  const day = dayOf(session);
  for (let burst = 0; burst < 40; burst++) {
    // Two of three come in the session.
    const startHour = random() < 2 / 3 ? uniform(9.5, 16) : uniform(0, 24);
    addBurst(day, {
      start: Math.floor(startHour * 3_600),
      riseSeconds: uniform(5, 30),
      lastsSeconds: 60 * 15 ** random(),
      factor: 1.5 + 2.5 * random() ** 2,
    });
  }
  return roughened(day, random);
}

/** The same session, and 60 bursts that are over before much can be done. */
function shortBurstsDay(seed: number): Day {
  const { random, uniform } = numbersOf(seed);
  const day = dayOf(session);
  for (let burst = 0; burst < 60; burst++) {
    const start = Math.floor(uniform(0, DAY_SECONDS));
    addBurst(day, { start, riseSeconds: 1, lastsSeconds: uniform(15, 90), factor: uniform(1.5, 4) });
  }
  return roughened(day, random);
}

/** Waves over each other, of a quarter to half an hour, of one to two hours, and of six. */
function swingsDay(seed: number): Day {
  const { random, uniform } = numbersOf(seed);
  const waves = [
    { share: 0.25, hours: uniform(0.25, 0.5) },
    { share: 0.35, hours: uniform(1, 2) },
    { share: 0.3, hours: 6 },
  ];
  const perSecond = (hour: number) =>
    waves.reduce((sum, { share, hours }) => sum + share * Math.sin((2 * Math.PI * hour) / hours), 1);
  return roughened(
    dayOf((hour) => 1_200_000 * perSecond(hour)),
    random,
  );
}

/** Next to nothing, then a hundred times as much within a second, which fades over an hour. */
function openingDay(seed: number): Day {
  const { random, uniform } = numbersOf(seed);
  const opens = uniform(9, 10);
  const most = uniform(2_500_000, 3_500_000);
  const perSecond = (hour: number) =>
    hour < opens || hour > 16 ? 30_000 : 600_000 + most * Math.exp(-4 * (hour - opens));
  return roughened(dayOf(perSecond), random);
}

/** One rate all day, another one each day. */
function steadyDay(seed: number): Day {
  const { random, uniform } = numbersOf(seed);
  const perSecond = uniform(200_000, 3_000_000);
  return roughened(
    dayOf(() => perSecond),
    random,
  );
}

function numbersOf(seed: number) {
  const numbers = new Random(seed);
  const random = () => numbers.uniform();
  return { random, uniform: (from: number, to: number) => from + random() * (to - from) };
}

function dayOf(perSecond: (hour: number) => number): Day {
  return Float64Array.from({ length: DAY_SECONDS }, (_, second) => perSecond(second / 3_600));
}

function session(hour: number): number {
  if (hour >= 9.5 && hour < 16) {
    const fromNoon = (hour - 12.75) / 3.25;
    return 700_000 + 600_000 * fromNoon ** 2;
  }
  if (hour >= 7 && hour < 20) return 200_000;
  return 30_000;
}

interface Burst {
  readonly start: number;
  readonly riseSeconds: number;
  readonly lastsSeconds: number;
  readonly factor: number;
}

function addBurst(day: Day, { start, riseSeconds, lastsSeconds, factor }: Burst): void {
  const fadeSeconds = lastsSeconds / 3;
  const end = Math.min(DAY_SECONDS, Math.ceil(start + riseSeconds + lastsSeconds + fadeSeconds));
  for (let second = start; second < end; second++) {
    const risen = Math.min(1, (second - start) / riseSeconds);
    const left = Math.min(1, Math.max(0, (end - second) / fadeSeconds));
    day[second] *= 1 + (factor - 1) * Math.min(risen, left);
  }
}

/** No second is like the one before. */
function roughened(day: Day, random: () => number): Day {
  let swing = 0;
  return day.map((perSecond) => {
    swing = 0.95 * swing + 0.02 * (random() - 0.5);
    return Math.min(perSecond, MOST) * Math.max(0.5, 1 + swing + 0.1 * (random() - 0.5));
  });
}

/** More than that all aggregators together could not take. */
const MOST = 4_500_000;
