import { Random } from '../../../src/source/random.ts';

/** Trades per second at every second of a day. */
export type Day = Float64Array;

export const DAY_SECONDS = 86_400;

/**
 * A day at an exchange: quiet at night, a session from half past nine to four that opens and closes busy, and bursts
 * out of nothing, of which each comes within seconds, stays for a minute to a quarter of an hour, and fades.
 */
export function marketDay(seed: number, bursts: number): Day {
  const numbers = new Random(seed);
  const random = () => numbers.uniform();
  const day = Float64Array.from({ length: DAY_SECONDS }, (_, second) => usual(second / 3_600));
  for (let burst = 0; burst < bursts; burst++) {
    // Two of three come in the session.
    const startHour = random() < 2 / 3 ? 9.5 + random() * 6.5 : random() * 24;
    addBurst(day, {
      start: Math.floor(startHour * 3_600),
      riseSeconds: 5 + random() * 25,
      lastsSeconds: 60 * 15 ** random(),
      factor: 1.5 + 2.5 * random() ** 2,
    });
  }
  let swing = 0;
  return day.map((perSecond) => {
    swing = 0.95 * swing + 0.02 * (random() - 0.5);
    return Math.min(perSecond, MOST) * Math.max(0.5, 1 + swing + 0.1 * (random() - 0.5));
  });
}

function usual(hour: number): number {
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

/** More than that all aggregators together could not take. */
const MOST = 4_500_000;
