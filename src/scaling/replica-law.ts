/** What a topic asks of those that read it. */
export interface Load {
  readonly arrivalPerSecond: number;
  readonly lagRecords: number;
  /** What one aggregator folds when it has all it can do, records per second. */
  readonly ratePerReplica: number;
  readonly partitions: number;
}

/** What is wanted of those that read it. */
export interface Goals {
  /** Share of its rate that an aggregator is to be busy with what arrives: the rest is for swings of the load. */
  readonly utilisation: number;
  /** How soon what waits has to be worked off. */
  readonly catchUpMs: number;
  /** For how long nothing is folded when the number of aggregators changes. */
  readonly rebalanceMs: number;
}

/**
 * How many aggregators the load asks for, as a number with a fraction: enough for what arrives, for what waits to be
 * gone in time, and for what will come to wait while they share the partitions out.
 */
export function replicasNeeded(load: Load, { utilisation, catchUpMs, rebalanceMs }: Goals): number {
  const { arrivalPerSecond, lagRecords, ratePerReplica } = load;
  const catchUpSeconds = catchUpMs / 1000;
  const toBeFoldedPerSecond =
    arrivalPerSecond / utilisation +
    lagRecords / catchUpSeconds +
    (arrivalPerSecond * rebalanceMs) / 1000 / catchUpSeconds;
  return toBeFoldedPerSecond / ratePerReplica;
}

/**
 * The least number that is enough and that shares the partitions evenly: the busiest aggregator decides, so between
 * such numbers another one would take work from some and change nothing for the busiest. At least 1, at most one for
 * each partition.
 */
export function evenReplicas(needed: number, partitions: number): number {
  const partitionsEach = Math.max(1, Math.floor(partitions / Math.max(needed, MINUTE)));
  return Math.max(1, Math.ceil(partitions / Math.min(partitionsEach, partitions)));
}

/** The next even number above `replicas`, or as many as there are partitions. */
export function nextEvenReplicas(replicas: number, partitions: number): number {
  const mostPartitions = Math.ceil(partitions / Math.max(1, replicas));
  return Math.ceil(partitions / Math.max(1, mostPartitions - 1));
}

/** No load at all still is a number that can be divided by. */
const MINUTE = 1e-9;
