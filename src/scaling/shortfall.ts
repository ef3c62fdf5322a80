import { assignmentOf, totalLag, type LoadReading } from './load-reading.ts';

/**
 * Remembers that a number of aggregators was seen not to be enough: with their partitions settled, what waits did not
 * become less. What they folded together then is all that they can, so one of them does not fold more than its share.
 * That takes only totals, and keeps a rate of one that is measured too high from letting the number of aggregators
 * swing between too few and enough.
 */
export class Shortfall {
  #since: { readonly reading: LoadReading; readonly assignment: string } | undefined;
  #seen: { readonly perReplica: number; readonly atMs: number } | undefined;

  /** Is told of readings while the group is settled. */
  observe(reading: LoadReading, arrivalPerSecond: number): void {
    const assignment = assignmentOf(reading);
    const lag = totalLag(reading);
    const since = this.#since;
    const isBacklog = lag > arrivalPerSecond * WAITING_SECONDS;
    if (since?.assignment !== assignment || lag < totalLag(since.reading) || !isBacklog) {
      this.#since = isBacklog ? { reading, assignment } : undefined;
      return;
    }
    const seconds = (reading.atMs - since.reading.atMs) / 1000;
    if (seconds < LASTS_SECONDS) return;
    const busy = reading.group.members.filter(({ partitions }) => partitions.length > 0).length;
    const foldedPerSecond = (positions(reading) - positions(since.reading)) / seconds;
    // One that does less than half of what arrives stands still for a reason that more of them would not help.
    if (busy > 0 && foldedPerSecond >= arrivalPerSecond / 2)
      this.#seen = { perReplica: foldedPerSecond / busy, atMs: reading.atMs };
  }

  /** The rate of one, no higher than was seen. */
  bounded(ratePerReplica: number, atMs: number): number {
    if (this.#seen === undefined || atMs - this.#seen.atMs > REMEMBERED_MS) return ratePerReplica;
    return Math.min(ratePerReplica, this.#seen.perReplica);
  }
}

function positions({ partitions }: LoadReading): number {
  return partitions.reduce((sum, { position }) => sum + position, 0);
}

const LASTS_SECONDS = 5;
const WAITING_SECONDS = 3;
const REMEMBERED_MS = 10_800_000;
