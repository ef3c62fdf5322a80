import type { LoadReading } from '../../../src/scaling/load-reading.ts';
import { percentiles } from '../percentiles.ts';
import { FleetModel, type FleetOptions } from './fleet-model.ts';
import { HorizontalAutoscaler, SYNC_SECONDS, type AutoscalerOptions } from './horizontal-autoscaler.ts';
import { DAY_SECONDS, type Day } from './market-day.ts';

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
  readonly p50WaitSeconds: number;
  readonly p99WaitSeconds: number;
  readonly maxWaitSeconds: number;
  readonly podHours: number;
  /** By the second. */
  readonly waitSeconds: Float64Array;
  readonly replicas: Float64Array;
}

/** A whole day under a scaler. The same arguments give the same day. */
export function scaledDay(scaler: Scaler, day: Day, fleetOptions: FleetOptions): ScaledDay {
  const fleet = new FleetModel(fleetOptions);
  const autoscaler = new HorizontalAutoscaler(scaler.autoscaler);
  const waitSeconds = new Float64Array(DAY_SECONDS);
  const replicas = new Float64Array(DAY_SECONDS);
  let replicaChanges = 0;
  let metric: number | undefined;
  for (let at = 0; at < DAY_SECONDS; at++) {
    waitSeconds[at] = fleet.step(at, day[at]);
    if (at % scaler.readsEvery === scaler.readsEvery - 1) metric = scaler.metric(fleet.reading(at));
    if (at % SYNC_SECONDS === SYNC_SECONDS - 1) {
      const next = autoscaler.sync(at, fleet.replicas, metric);
      if (next !== fleet.replicas) replicaChanges += 1;
      fleet.scaleTo(next, at);
    }
    replicas[at] = fleet.replicas;
  }
  const { p50, p99, max } = percentiles([...waitSeconds]);
  return {
    scaler: scaler.name,
    replicaChanges,
    p50WaitSeconds: p50,
    p99WaitSeconds: p99,
    maxWaitSeconds: max,
    podHours: replicas.reduce((sum, each) => sum + each, 0) / 3_600,
    waitSeconds,
    replicas,
  };
}
