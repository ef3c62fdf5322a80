import { ArrivalRate } from './arrival-rate.ts';
import { assignmentOf, totalLag, type LoadReading } from './load-reading.ts';
import { evenReplicas, replicasNeeded } from './replica-law.ts';
import type { RateOfOne } from './replica-rate.ts';
import { Shortfall } from './shortfall.ts';

export interface ReplicaBounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly catchUpMs: number;
}

/** How many aggregators a load asks for, with all that it follows from. */
export interface Demand {
  /** Undefined: not known yet, for the arrival rate takes two readings. */
  readonly desiredReplicas: number | undefined;
  readonly why: 'load' | 'slack' | 'rebalancing' | 'empty' | 'starting';
  /** Undefined after one reading. */
  readonly arrivalPerSecond: number | undefined;
  readonly lagRecords: number;
  readonly ratePerReplica: number;
  readonly isRateMeasured: boolean;
  /** By the law, before it is rounded and held within its bounds. */
  readonly needed: number | undefined;
  readonly partitions: number;
}

/**
 * Follows the load of one pipeline, reading by reading, and says how many aggregators it asks for.
 *
 *   two readings ──▶ starting ──▶ load: the number that the law gives
 *                                  │  ▲
 *          the group rebalances,   ▼  │   settled for SETTLES_WITHIN_MS
 *          or nobody reads       the last number holds
 *
 * It goes up at once, and down only where the lower number would do with half as much load again: a load that swings
 * about a step makes no steps. (The autoscaler waits another ten minutes.)
 */
export class LoadFollower {
  readonly #bounds: ReplicaBounds;
  readonly #arrival = new ArrivalRate();
  readonly #rate: RateOfOne;
  readonly #shortfall = new Shortfall();
  #desired: number | undefined;
  #assignment: string | undefined;
  #settledSinceMs = Number.NEGATIVE_INFINITY;

  /** `desiredReplicas`: where another process was, if one was there before. */
  constructor(bounds: ReplicaBounds, rate: RateOfOne, desiredReplicas?: number) {
    this.#bounds = bounds;
    this.#rate = rate;
    this.#desired = desiredReplicas;
  }

  observe(reading: LoadReading): Demand {
    this.#arrival.observe(reading);
    this.#rate.observe(reading);
    const hold = this.#hold(reading);
    if (hold === undefined) this.#shortfall.observe(reading, this.#arrival.perSecond ?? 0);
    const arrivalPerSecond = this.#arrival.perSecond;
    const known = {
      arrivalPerSecond,
      lagRecords: totalLag(reading),
      ratePerReplica: this.#shortfall.bounded(this.#rate.perSecond, reading.atMs),
      isRateMeasured: this.#rate.isMeasured,
      partitions: reading.partitions.length,
    };
    if (arrivalPerSecond === undefined)
      return { ...known, desiredReplicas: this.#desired, why: 'starting', needed: undefined };
    const { catchUpMs } = this.#bounds;
    const needed = replicasNeeded({ ...known, arrivalPerSecond }, { ...GOALS, catchUpMs });
    const { replicas, why } = this.#decide(needed, reading, hold);
    this.#desired = replicas;
    return { ...known, desiredReplicas: replicas, why, needed };
  }

  #decide(
    needed: number,
    { partitions }: LoadReading,
    hold: 'rebalancing' | 'empty' | undefined,
  ): { replicas: number; why: Demand['why'] } {
    const last = this.#desired === undefined ? undefined : this.#bounded(this.#desired);
    if (hold !== undefined && last !== undefined) return { replicas: last, why: hold };
    const replicasFor = (need: number) => this.#bounded(evenReplicas(need, partitions.length));
    const byLoad = replicasFor(needed);
    if (last !== undefined && byLoad < last) {
      const withSlack = Math.min(last, replicasFor(needed * SLACK));
      return { replicas: withSlack, why: withSlack > byLoad ? 'slack' : 'load' };
    }
    return { replicas: byLoad, why: 'load' };
  }

  /** Why the last number holds, if it does: what is read while partitions move says nothing about the load. */
  #hold(reading: LoadReading): 'rebalancing' | 'empty' | undefined {
    const { atMs, group } = reading;
    if (group.state === 'empty') return 'empty';
    const assignment = group.state === 'settled' ? assignmentOf(reading) : undefined;
    if (this.#assignment !== undefined && assignment !== this.#assignment) this.#settledSinceMs = atMs;
    this.#assignment = assignment ?? 'none';
    return group.state === 'rebalancing' || atMs - this.#settledSinceMs < SETTLES_WITHIN_MS
      ? 'rebalancing'
      : undefined;
  }

  #bounded(replicas: number): number {
    const { minReplicas, maxReplicas } = this.#bounds;
    return Math.min(maxReplicas, Math.max(minReplicas, replicas));
  }
}

const GOALS = { utilisation: 0.7, rebalanceMs: 3_000 };
const SLACK = 1.5;
const SETTLES_WITHIN_MS = 5_000;
