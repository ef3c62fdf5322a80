import { figure, line, type Section } from './line.ts';
import { MEASURED } from './measured.ts';
import type { Targets } from './targets.ts';

export interface PartitionPlan extends Section {
  readonly partitions: number;
}

/**
 * As many as the larger of what producers and what aggregators need (J. Rao, "How to choose the number of topics and
 * partitions", 2015), and at least one an aggregator; for the trades of later, since more partitions would move keys.
 */
export function planPartitions(targets: Targets, replicas: number): PartitionPlan {
  const { tradesPerSecond, growth, producerRecordsPerSecond: perProducer } = targets;
  const perAggregator = MEASURED.aggregatorTradesPerSecond * (1 - targets.headroom);
  const rate = tradesPerSecond * growth;
  const byProducers = Math.ceil(rate / perProducer);
  const byAggregators = Math.ceil(rate / perAggregator);
  const pods = Math.ceil(replicas * growth);
  const partitions = Math.max(1, byProducers, byAggregators, pods);
  return {
    title: 'Partitions',
    partitions,
    lines: [
      line(
        'trades to do for, T',
        rate,
        'trades/s',
        `${figure(tradesPerSecond)} × ${figure(growth)} of growth`,
      ),
      line('by producers, T / P', byProducers, '', `⌈${figure(rate)} / ${figure(perProducer)} a partition⌉`),
      line(
        'by aggregators, T / C',
        byAggregators,
        '',
        `⌈${figure(rate)} / (${figure(MEASURED.aggregatorTradesPerSecond)} × (1 − ${targets.headroom}))⌉`,
      ),
      line('one an aggregator', pods, '', `⌈${replicas} × ${figure(growth)} of growth⌉`),
      line('partitions', partitions, '', `max(${byProducers}, ${byAggregators}, ${pods})`),
    ],
    notes: [
      'a symbol has one partition: if one symbol has most of the trades, its partition has them, however many there are',
    ],
  };
}
