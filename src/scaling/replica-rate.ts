import { assignmentOf, lagOf, type GroupMember, type LoadReading } from './load-reading.ts';

/** What one aggregator folds when it has all it can do, records per second. */
export interface RateOfOne {
  readonly perSecond: number;
  /** Or taken from elsewhere. */
  readonly isMeasured: boolean;
  observe(reading: LoadReading): void;
}

/**
 * What one aggregator folds when it has all it can do, learnt from Kafka alone: the committed offsets of a member
 * move by what it has folded, and while each of its partitions has more waiting than it can take, it is the bottleneck.
 * One that keeps up shows only that it can do that much; where it does more than was thought, that counts too.
 */
export class ReplicaRate implements RateOfOne {
  readonly #bounds: { readonly least: number; readonly most: number };
  #perSecond: number;
  #isMeasured: boolean;
  #before: LoadReading | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  /** `assumed` is worked with until something is measured, and bounds what can be learnt. */
  constructor(assumed: number, remembered?: number) {
    this.#bounds = { least: assumed / FURTHEST_FACTOR, most: assumed * FURTHEST_FACTOR };
    this.#perSecond = this.#bounded(remembered ?? assumed);
    this.#isMeasured = remembered !== undefined;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /**
   * Learns from readings between which no partition has moved, some seconds apart: a backlog is committed piece by
   * piece, and where results are many a piece takes a while.
   */
  observe(reading: LoadReading): void {
    const [before, gapMs] = [this.#before, reading.atMs - this.#lastAtMs];
    this.#lastAtMs = reading.atMs;
    const isSame =
      before?.group.state === 'settled' &&
      reading.group.state === 'settled' &&
      gapMs <= LONGEST_GAP_MS &&
      assignmentOf(before) === assignmentOf(reading);
    if (!isSame) {
      this.#before = reading;
      return;
    }
    const seconds = (reading.atMs - before.atMs) / 1000;
    if (seconds < SHORTEST_SECONDS) return;
    const seen = reading.group.members.flatMap((member) => workOf(member, before, reading, seconds));
    const full = seen.filter(({ state }) => state === 'full').map(({ perSecond }) => perSecond);
    const isPending = full.length === 0 && seen.some(({ state }) => state === 'uncommitted');
    if (isPending && seconds < LONGEST_SECONDS) return;
    this.#before = reading;
    const most = Math.max(0, ...seen.map(({ perSecond }) => perSecond));
    if (full.length > 0) this.#learn(median(full), seconds);
    else if (most > this.#perSecond) this.#learn(most, seconds);
  }

  /** The first measurement replaces what was assumed; each later one fades within half a minute. */
  #learn(perSecond: number, seconds: number): void {
    const weight = this.#isMeasured ? 1 - Math.exp(-seconds / FADES_WITHIN_SECONDS) : 1;
    this.#perSecond = this.#bounded(this.#perSecond + weight * (perSecond - this.#perSecond));
    this.#isMeasured = true;
  }

  #bounded(perSecond: number): number {
    return Math.min(this.#bounds.most, Math.max(this.#bounds.least, perSecond));
  }
}

/** What a member has folded, and whether it had all it can do. */
interface Work {
  readonly perSecond: number;
  /** `uncommitted`: it had, but what it folds of some partition has not been committed yet. */
  readonly state: 'full' | 'uncommitted' | 'keeps up';
}

/** What a member has done between two readings; nothing where it owns no partition. */
function workOf(
  { partitions }: GroupMember,
  before: LoadReading,
  after: LoadReading,
  seconds: number,
): Work[] {
  if (partitions.length === 0) return [];
  let perSecond = 0;
  let state: Work['state'] = 'full';
  for (const partition of partitions) {
    const [then, now] = [before, after].map((reading) =>
      reading.partitions.find((each) => each.partition === partition),
    );
    if (then === undefined || now === undefined || now.position < then.position) return [];
    const own = (now.position - then.position) / seconds;
    perSecond += own;
    // What waits may be no more than what was folded and not committed yet.
    const isBehind = Math.min(lagOf(then), lagOf(now)) > own * COMMITTED_WITHIN_SECONDS;
    if (!isBehind) state = 'keeps up';
    else if (own === 0 && state === 'full') state = 'uncommitted';
  }
  return [{ perSecond, state }];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** An aggregator commits every second. */
const COMMITTED_WITHIN_SECONDS = 2;
const FADES_WITHIN_SECONDS = 30;
const SHORTEST_SECONDS = 9;
const LONGEST_SECONDS = 60;
const LONGEST_GAP_MS = 40_000;
/** A rate further off than this is a mistake of the measurement, or of what was assumed. */
const FURTHEST_FACTOR = 20;
