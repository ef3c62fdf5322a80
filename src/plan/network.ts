import type { StoragePlan } from './kafka-storage.ts';
import { figure, line, type Section } from './line.ts';
import { HOURS_PER_MONTH } from './measured.ts';
import type { Targets } from './targets.ts';

export interface NetworkPlan extends Section {
  readonly crossZoneGbPerMonth: number;
}

/** What goes over the wire on average: in, among the brokers, to the aggregators, and results back in. */
export function planNetwork({ replication, zones }: Targets, storage: StoragePlan): NetworkPlan {
  const [trades, results] = [storage.tradeBytesPerSecond / 1e6, storage.resultBytesPerSecond / 1e6];
  const written = trades + results;
  const copied = written * (replication - 1);
  const all = written + copied + trades;
  const share = (zones - 1) / zones;
  // A producer and an aggregator find a partition's leader in any zone; replicas are in zones of their own.
  const copiedAcross = zones === 1 ? 0 : copied;
  const across = (written + trades) * share + copiedAcross;
  const crossZoneGbPerMonth = (across * HOURS_PER_MONTH * 3_600) / 1e3;
  return {
    title: 'Network',
    crossZoneGbPerMonth,
    lines: [
      line('to the brokers', written, 'MB/s', `${figure(trades)} of trades + ${figure(results)} of results`),
      line('among the brokers', copied, 'MB/s', `${figure(written)} × (${replication} − 1)`),
      line('to the aggregators', trades, 'MB/s', 'every trade once'),
      line('in all', all, 'MB/s', `${figure(written)} + ${figure(copied)} + ${figure(trades)}`),
      line(
        'between zones',
        across,
        'MB/s',
        zones === 1
          ? 'one zone'
          : `(${figure(written)} + ${figure(trades)}) × ${zones - 1}/${zones} + ${figure(copied)}`,
      ),
      line(
        'between zones in a month',
        crossZoneGbPerMonth,
        'GB',
        `${figure(across)} MB/s × ${HOURS_PER_MONTH} h × 3,600 s`,
      ),
    ],
    notes: ['whoever reads the results comes on top'],
  };
}
