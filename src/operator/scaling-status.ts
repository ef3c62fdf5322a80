import type { Demand, ReplicaBounds } from '../scaling/load-follower.ts';
import { evenReplicas } from '../scaling/replica-law.ts';

/**
 * `status.scaling`: the load of a pipeline and what it asks for. Who serves the metric of the autoscaler reads it here,
 * and a process that takes over goes on from it. Without `desiredReplicas` the number is not known, and the metric is
 * an error with `message`: never 0, which would end aggregators when brokers are away.
 */
export interface ScalingStatus {
  readonly desiredReplicas?: number;
  readonly currentReplicas?: number;
  /** Trades per second. */
  readonly arrivalPerSecond?: number;
  /** Trades that wait. */
  readonly lag?: number;
  /** What one aggregator was measured to fold at most, trades per second. */
  readonly ratePerPod?: number;
  /** What the number follows from, or why there is none. */
  readonly message: string;
  /** RFC 3339. */
  readonly measuredAt?: string;
}

/** What was measured, in figures that a person would call the same while little changes. */
export function scalingStatus(
  demand: Demand,
  bounds: ReplicaBounds,
  currentReplicas: number,
  nowMs: number,
): ScalingStatus {
  const { desiredReplicas, arrivalPerSecond, lagRecords, ratePerReplica, isRateMeasured } = demand;
  return {
    ...(desiredReplicas === undefined ? {} : { desiredReplicas }),
    currentReplicas,
    ...(arrivalPerSecond === undefined ? {} : { arrivalPerSecond: rounded(arrivalPerSecond) }),
    lag: rounded(lagRecords),
    ...(isRateMeasured ? { ratePerPod: rounded(ratePerReplica) } : {}),
    message: scalingMessage(demand, bounds),
    measuredAt: timeText(nowMs),
  };
}

/** The load cannot be read. What was learnt of one aggregator stays. */
export function blindStatus(
  message: string,
  before: ScalingStatus | undefined,
  currentReplicas: number,
  nowMs: number,
): ScalingStatus {
  const { ratePerPod } = before ?? {};
  return {
    currentReplicas,
    ...(ratePerPod === undefined ? {} : { ratePerPod }),
    message,
    measuredAt: timeText(nowMs),
  };
}

/** `120,000 trades/s arrive, 3,400,000 wait; one aggregator folds 250,000/s: 4 aggregators`. */
export function scalingMessage(demand: Demand, { minReplicas, maxReplicas }: ReplicaBounds): string {
  const { desiredReplicas = 0, arrivalPerSecond, lagRecords, ratePerReplica, isRateMeasured } = demand;
  if (arrivalPerSecond === undefined) return 'how fast trades arrive is being measured';
  const { needed = 0, partitions, why } = demand;
  const does = isRateMeasured ? 'folds' : 'is taken to fold';
  const figures = `${inWords(arrivalPerSecond)} trades/s arrive, ${inWords(lagRecords)} wait; one aggregator ${does} ${inWords(ratePerReplica)}/s`;
  const number = `${desiredReplicas} aggregator${desiredReplicas === 1 ? '' : 's'}`;
  const asked = evenReplicas(needed, partitions);
  if (why === 'rebalancing') return `${figures}: ${number}, as before while partitions move`;
  if (why === 'empty') return `${figures}: ${number}, as before while no aggregator reads`;
  if (why === 'slack') return `${figures}: ${number}, for fewer would have little to spare`;
  if (asked > maxReplicas)
    return `${figures}: ${asked} are asked for, scaling.maxReplicas allows ${maxReplicas}`;
  if (asked < minReplicas) return `${figures}: ${asked} would do, scaling.minReplicas keeps ${minReplicas}`;
  if (needed > partitions)
    return `${figures}: ${number}, one for each partition; ${Math.ceil(needed)} would be needed, which takes more partitions`;
  if (asked > Math.max(1, Math.ceil(needed)))
    return `${figures}: ${number}, the least from ${Math.ceil(needed)} up that share ${partitions} partitions evenly`;
  return `${figures}: ${number}`;
}

/** Whether others should learn of it: at once when the number changes or is lost, figures now and then. */
export function isWorthTelling(
  now: ScalingStatus,
  told: ScalingStatus | undefined,
  sinceMs: number,
): boolean {
  if (told === undefined || told.desiredReplicas !== now.desiredReplicas) return true;
  const hasChanged =
    JSON.stringify({ ...now, measuredAt: '' }) !== JSON.stringify({ ...told, measuredAt: '' });
  return hasChanged && sinceMs >= FIGURES_EVERY_MS;
}

const FIGURES_EVERY_MS = 20_000;

/** To two digits. */
function rounded(value: number): number {
  return Math.round(Number(value.toPrecision(2)));
}

function inWords(value: number): string {
  return rounded(value).toLocaleString('en');
}

function timeText(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
