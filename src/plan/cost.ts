import { figure, line, type Line, type Section } from './line.ts';
import { HOURS_PER_MONTH, MEASURED } from './measured.ts';
import type { Targets } from './targets.ts';

/** What is paid for in a month. */
export interface Amounts {
  readonly replicas: number;
  readonly redisGigabytes: number;
  readonly diskGigabytes: number;
  readonly crossZoneGigabytes: number;
}

/** Amounts, and where a price is given what they cost; a sum only of what has a price. */
export function planCost({ prices }: Targets, amounts: Amounts): Section {
  const memoryGb = (amounts.replicas * MEASURED.aggregatorMemoryMb) / 1e3;
  const items: readonly (readonly [string, number, string, string, number | undefined])[] = [
    [
      'aggregators, CPU',
      amounts.replicas * HOURS_PER_MONTH,
      'vCPU-hours',
      `${amounts.replicas} × 1 vCPU × ${HOURS_PER_MONTH} h`,
      prices.vcpuHour,
    ],
    ['aggregators, memory', memoryGb, 'GB-months', '', prices.memoryGbMonth],
    ['Redis', amounts.redisGigabytes, 'GB-months', '', prices.redisGbMonth],
    ['Kafka, disks', amounts.diskGigabytes, 'GB-months', '', prices.diskGbMonth],
    ['traffic between zones', amounts.crossZoneGigabytes, 'GB', '', prices.crossZoneGb],
  ];
  const lines = items.flatMap(([name, amount, unit, arithmetic, price]): Line[] => [
    line(name, amount, unit, arithmetic),
    ...(price === undefined
      ? []
      : [line(`${name}, cost`, amount * price, '', `${figure(amount)} × ${price}`)]),
  ]);
  const priced = items.flatMap(([, amount, , , price]) => (price === undefined ? [] : [amount * price]));
  const sum = priced.reduce((a, b) => a + b, 0);
  const total = line('cost in a month', sum, '', priced.map(figure).join(' + '));
  return {
    title: 'In a month',
    lines: priced.length === 0 ? lines : [...lines, total],
    notes: [
      ...(priced.length < items.length
        ? ['what has no price is not in any sum: --help names the flags']
        : []),
      'brokers’ CPU and memory, the operator and the control plane were not measured and are not in it',
    ],
  };
}
