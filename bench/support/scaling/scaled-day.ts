import type { LoadReading } from '../../../src/scaling/load-reading.ts';
import { percentiles, type Percentiles } from '../percentiles.ts';
import { FleetModel, type FleetOptions } from './fleet-model.ts';
import { HorizontalAutoscaler, SYNC_SECONDS, type AutoscalerOptions } from './horizontal-autoscaler.ts';
import { DAY_SECONDS, type Day } from './market-day.ts';
import { TICKS_PER_SECOND } from './topic-model.ts';

/** What decides how many aggregators run, beside the autoscaler that hands it through. */
export interface Scaler {
  readonly name: string;
  readonly autoscaler: AutoscalerOptions;
  /** How often it reads, in seconds. */
  readonly readsEvery: number;
  /** The metric for the autoscaler; undefined: an error. */
  metric(reading: LoadReading): number | undefined;
}

export interface ScaledDay {
  readonly scaler: string;
  readonly replicaChanges: number;
  readonly podHours: number;
  /** How long the trade that has waited longest has been waiting, seconds. */
  readonly wait: Percentiles;
  /** Trades that have arrived and are not folded. */
  readonly waiting: Percentiles;
  /** The same as brokers tell it, to whom all waits that is not committed; by the second. */
  readonly lag: Percentiles;
  /** By the second, the most of its ticks. */
  readonly waitSeconds: Float64Array;
  readonly replicas: Float64Array;
}

/** A whole day under a scaler. The same arguments give the same day. */
export function scaledDay(scaler: Scaler, day: Day, fleetOptions: FleetOptions): ScaledDay {
  const fleet = new FleetModel(fleetOptions);
  const autoscaler = new HorizontalAutoscaler(scaler.autoscaler);
  const wait = new Float64Array(DAY_SECONDS * TICKS_PER_SECOND);
  const waiting = new Float64Array(DAY_SECONDS * TICKS_PER_SECOND);
  const [lag, waitSeconds, replicas] = [0, 1, 2].map(() => new Float64Array(DAY_SECONDS));
  let replicaChanges = 0;
  let metric: number | undefined;
  for (let at = 0; at < DAY_SECONDS; at++) {
    const end = (at + 1) * TICKS_PER_SECOND;
    for (let tick = at * TICKS_PER_SECOND; tick < end; tick++) {
      fleet.step(tick, day[at]);
      waiting[tick] = fleet.topic.waiting;
      if (waiting[tick] > 0) wait[tick] = fleet.topic.longestWaitSeconds;
      waitSeconds[at] = Math.max(waitSeconds[at], wait[tick]);
    }
    fleet.topic.commit();
    lag[at] = fleet.topic.lag;
    if (at % scaler.readsEvery === scaler.readsEvery - 1) metric = scaler.metric(fleet.reading());
    if (at % SYNC_SECONDS === SYNC_SECONDS - 1) {
      const next = autoscaler.sync(at, fleet.replicas, metric);
      if (next !== fleet.replicas) replicaChanges += 1;
      fleet.scaleTo(next);
    }
    replicas[at] = fleet.replicas;
  }
  return {
    scaler: scaler.name,
    replicaChanges,
    podHours: replicas.reduce((sum, each) => sum + each, 0) / 3_600,
    wait: percentiles(wait),
    waiting: percentiles(waiting),
    lag: percentiles(lag),
    waitSeconds,
    replicas,
  };
}
