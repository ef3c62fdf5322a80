import { SCALING_BEHAVIOR } from '../../../cdk8s/pipeline/autoscaler.ts';
import { LoadFollower } from '../../../src/scaling/load-follower.ts';
import { totalLag } from '../../../src/scaling/load-reading.ts';
import { ReplicaRate, type RateOfOne } from '../../../src/scaling/replica-rate.ts';
import { DEFAULT_BEHAVIOR, SYNC_SECONDS } from './horizontal-autoscaler.ts';
import type { Scaler } from './scaled-day.ts';

export interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Tidemark's operator. `measuredWronglyBy`: how many times what it is the rate of one aggregator is taken for, all day. */
export function tidemarkScaler(
  bounds: Bounds,
  assumedRate: number,
  { name = 'Tidemark', measuredWronglyBy = 1 } = {},
): Scaler {
  const rate = new ReplicaRate(assumedRate);
  const wrong: RateOfOne = {
    get perSecond() {
      return rate.perSecond * measuredWronglyBy;
    },
    get isMeasured() {
      return rate.isMeasured;
    },
    observe: (reading) => {
      rate.observe(reading);
    },
  };
  const follower = new LoadFollower({ ...bounds, catchUpMs: 60_000 }, wrong);
  const error = measuredWronglyBy > 1 ? 'twice' : 'half';
  return {
    name: measuredWronglyBy === 1 ? name : `${name}, measures ${error} the rate all day`,
    autoscaler: { ...bounds, averageValue: 1, behavior: SCALING_BEHAVIOR },
    readsEvery: 5,
    metric: (reading) => follower.observe(reading).desiredReplicas,
  };
}

/** Of the autoscaler that a threshold is handed to: the one that the operator makes, instead of Kubernetes' default. */
export const OUR_BEHAVIOR = 'our behavior';

/**
 * As KEDA's Kafka scaler (2.x): the lag of all partitions, at most `lagThreshold` for each partition, by an autoscaler
 * whose target it is. It is read whenever the autoscaler asks; the polling interval and the cooldown period are about
 * the step from and to no replica alone, and here there is always one.
 */
export function thresholdScaler(bounds: Bounds, lagThreshold: number, behavior = DEFAULT_BEHAVIOR): Scaler {
  const ours = behavior === DEFAULT_BEHAVIOR ? '' : `, ${OUR_BEHAVIOR}`;
  return {
    name: `threshold, lagThreshold ${lagThreshold.toLocaleString('en')}${ours}`,
    autoscaler: { ...bounds, averageValue: lagThreshold, behavior },
    readsEvery: SYNC_SECONDS,
    metric: (reading) => Math.min(totalLag(reading), lagThreshold * reading.partitions.length),
  };
}
