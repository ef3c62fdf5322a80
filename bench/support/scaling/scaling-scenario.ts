import { SCALING_BEHAVIOR } from '../../../cdk8s/pipeline/autoscaler.ts';
import { MARKETS, type Market } from './market-day.ts';
import { scaledDay, type ScaledDay, type Scaler } from './scaled-day.ts';
import { thresholdScaler, tidemarkScaler } from './scalers.ts';

/** 24 partitions, 2 to 24 aggregators; one folds 250,000 trades/s, about what half a core does. */
export const SCENARIO = {
  partitions: 24,
  ratePerReplica: 250_000,
  rebalanceSeconds: 3,
  startSeconds: [10, 30],
  minReplicas: 2,
} as const;

const BOUNDS = { minReplicas: SCENARIO.minReplicas, maxReplicas: SCENARIO.partitions };
const RATE = SCENARIO.ratePerReplica;

/** KEDA's default, and by default thresholds from a tenth of a second of one aggregator's work to 10 s of it. */
export const DEFAULT_LAG_THRESHOLD = 10;
export const LAG_THRESHOLDS: readonly number[] = [0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10].map(
  (seconds) => seconds * RATE,
);

/** Made anew for each day: they remember. */
export function tidemarkScalers() {
  return {
    right: tidemarkScaler(BOUNDS, RATE),
    twice: tidemarkScaler(BOUNDS, RATE, { measuredWronglyBy: 2 }),
    half: tidemarkScaler(BOUNDS, RATE, { measuredWronglyBy: 0.5 }),
    assumedTwice: tidemarkScaler(BOUNDS, 2 * RATE, { name: 'Tidemark, assumes twice the rate at first' }),
    assumedHalf: tidemarkScaler(BOUNDS, RATE / 2, { name: 'Tidemark, assumes half the rate at first' }),
  };
}

export type TidemarkKind = keyof ReturnType<typeof tidemarkScalers>;

export function defaultThreshold(): Scaler {
  return thresholdScaler(BOUNDS, DEFAULT_LAG_THRESHOLD);
}

/** Every threshold with the behaviour of a plain autoscaler, and with ours. */
export function tunedThresholds(lagThresholds: readonly number[]): Scaler[] {
  return lagThresholds.flatMap((lagThreshold) => [
    thresholdScaler(BOUNDS, lagThreshold),
    thresholdScaler(BOUNDS, lagThreshold, SCALING_BEHAVIOR),
  ]);
}

/** The day of this seed under a scaler. */
export function dayUnder(scaler: Scaler, market: Market, seed: number): ScaledDay {
  const { minReplicas: replicas, ...fleet } = SCENARIO;
  return scaledDay(scaler, MARKETS[market](seed), { ...fleet, seed, replicas });
}

/** Of the thresholds that cost no more than `podHours`, the one with which trades wait least. */
export function bestWithin(days: readonly ScaledDay[], podHours: number): ScaledDay | undefined {
  return days
    .filter((day) => day.podHours <= podHours)
    .sort((a, b) => a.wait.p99 - b.wait.p99 || a.replicaChanges - b.replicaChanges)
    .at(0);
}
