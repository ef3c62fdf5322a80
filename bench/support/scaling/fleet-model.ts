import { stickyAssignment } from '../../../src/kafka/sticky-assignment.ts';
import type { LoadReading } from '../../../src/scaling/load-reading.ts';
import { Random } from '../../../src/source/random.ts';
import { DAY_SECONDS } from './market-day.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly partitions: number;
  /** What one aggregator folds, trades per second. */
  readonly ratePerReplica: number;
  /** For how long nobody folds when the number of aggregators changes. */
  readonly rebalanceSeconds: number;
  /** From the order of a pod until it has joined the group, least and most. */
  readonly startSeconds: readonly [number, number];
  readonly replicas: number;
}

interface Pod {
  readonly name: string;
  readonly readyAt: number;
  /** Pods of a real cluster are not quite alike. */
  readonly rate: number;
  partitions: number[];
  generation: number;
}

/**
 * Aggregators and their topic, second by second: what arrives is split over partitions, a pod folds what its own have,
 * and whenever one joins or leaves all wait for a while. Partitions are shared out by the aggregators' own assigner.
 */
export class FleetModel {
  readonly #options: FleetOptions;
  readonly #numbers: Random;
  readonly #shares: readonly number[];
  /** By partition: what had arrived at the end of each second, and what was folded. */
  readonly #arrived: readonly Float64Array[];
  readonly #folded: number[];
  readonly #committed: number[];
  readonly #oldestAt: number[];
  readonly #pods: Pod[] = [];
  #started = 0;
  #generation = 0;
  #pausedUntil = 0;
  #members = '';

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#numbers = new Random(options.seed);
    const { partitions, replicas } = options;
    const weights = Array.from({ length: partitions }, () => 1 + 0.1 * (this.#numbers.uniform() - 0.5));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.#shares = weights.map((weight) => weight / whole);
    this.#arrived = weights.map(() => new Float64Array(DAY_SECONDS));
    [this.#folded, this.#committed, this.#oldestAt] = [0, 1, 2].map(() => weights.map(() => 0));
    for (let each = 0; each < replicas; each++) this.#start(-Infinity);
  }

  /** Pods that were ordered, whether or not they have started. */
  get replicas(): number {
    return this.#pods.length;
  }

  /** As the Deployment does: starts pods, or ends the newest. */
  scaleTo(replicas: number, at: number): void {
    const [least, most] = this.#options.startSeconds;
    while (this.#pods.length < replicas) this.#start(at + least + this.#numbers.uniform() * (most - least));
    this.#pods.splice(replicas);
  }

  /** One second goes by. Returns for how many seconds the oldest trade that waits has been waiting. */
  step(at: number, arrivingPerSecond: number): number {
    this.#arrived.forEach((arrived, partition) => {
      const before = at === 0 ? 0 : arrived[at - 1];
      arrived[at] = before + arrivingPerSecond * this.#shares[partition];
    });
    const ready = this.#pods.filter(({ readyAt }) => readyAt <= at);
    this.#rebalanceIfChanged(ready, at);
    const before = [...this.#folded];
    if (at >= this.#pausedUntil) for (const pod of ready) this.#fold(pod, at);
    // Each partition commits once a second, at a moment of its own.
    this.#folded.forEach((folded, partition) => {
      this.#committed[partition] = before[partition] + this.#numbers.uniform() * (folded - before[partition]);
    });
    return this.#longestWait(at);
  }

  /** What Kafka would say now. */
  reading(at: number): LoadReading {
    const ready = this.#pods.filter(({ readyAt }) => readyAt <= at);
    const isSettled = at >= this.#pausedUntil;
    return {
      atMs: at * 1000,
      partitions: this.#arrived.map((arrived, partition) => ({
        partition,
        endOffset: Math.round(arrived[at]),
        position: Math.round(this.#committed[partition]),
      })),
      group: {
        state: ready.length === 0 ? 'empty' : isSettled ? 'settled' : 'rebalancing',
        members: ready.map(({ name, partitions }) => ({
          memberId: name,
          partitions: isSettled ? partitions : [],
        })),
      },
    };
  }

  #start(readyAt: number): void {
    const rate = this.#options.ratePerReplica * (1 + 0.1 * (this.#numbers.uniform() - 0.5));
    this.#pods.push({ name: `pod-${++this.#started}`, readyAt, rate, partitions: [], generation: -1 });
  }

  #rebalanceIfChanged(ready: readonly Pod[], at: number): void {
    const members = ready.map(({ name }) => name).join();
    if (members === this.#members) return;
    this.#members = members;
    this.#pausedUntil = at + this.#options.rebalanceSeconds;
    this.#generation += 1;
    const topic = 'stocks';
    const assignment = stickyAssignment(
      ready.map(({ name, partitions, generation }) => ({
        memberId: name,
        topics: [topic],
        generation,
        owned: partitions.map((partition) => ({ topic, partition })),
      })),
      this.#shares.map((_, partition) => ({ topic, partition })),
    );
    for (const pod of ready) {
      pod.partitions = (assignment.get(pod.name) ?? []).map(({ partition }) => partition);
      pod.generation = this.#generation;
    }
  }

  /** Shares a second of a pod's work fairly among its partitions that have any. */
  #fold({ partitions, rate }: Pod, at: number): void {
    const waiting = partitions.map((partition) => {
      return { partition, records: this.#arrived[partition][at] - this.#folded[partition] };
    });
    let left = rate;
    if (waiting.reduce((sum, { records }) => sum + records, 0) <= rate) {
      for (const { partition, records } of waiting) this.#folded[partition] += records;
      return;
    }
    waiting.sort((a, b) => a.records - b.records);
    waiting.forEach(({ partition, records }, index) => {
      const share = Math.min(records, left / (waiting.length - index));
      this.#folded[partition] += share;
      left -= share;
    });
  }

  #longestWait(at: number): number {
    let longest = 0;
    this.#arrived.forEach((arrived, partition) => {
      const folded = this.#folded[partition] + 1; // the next trade
      while (this.#oldestAt[partition] <= at && arrived[this.#oldestAt[partition]] < folded)
        this.#oldestAt[partition] += 1;
      longest = Math.max(longest, at + 1 - this.#oldestAt[partition]);
    });
    return longest;
  }
}
