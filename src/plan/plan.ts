import { planAggregators } from './aggregators.ts';
import { planCost } from './cost.ts';
import { planStorage } from './kafka-storage.ts';
import type { Section } from './line.ts';
import { planNetwork } from './network.ts';
import { planPartitions } from './partitions.ts';
import { planRedis } from './redis-memory.ts';
import type { Targets } from './targets.ts';

/** What it takes to meet the targets, with the arithmetic of each figure. A function of its arguments alone. */
export function plan(targets: Targets): Section[] {
  const aggregators = planAggregators(targets);
  const partitions = planPartitions(targets, aggregators.replicas);
  const redis = planRedis(targets);
  const storage = planStorage(targets);
  const network = planNetwork(targets, storage);
  const cost = planCost(targets, {
    replicas: aggregators.replicas,
    redisGigabytes: redis.gigabytes,
    diskGigabytes: storage.gigabytes,
    crossZoneGigabytes: network.crossZoneGbPerMonth,
  });
  return [aggregators, partitions, redis, storage, network, cost].map(({ title, lines, notes }) => ({
    title,
    lines,
    notes,
  }));
}
