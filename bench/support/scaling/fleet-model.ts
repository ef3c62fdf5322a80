import { stickyAssignment } from '../../../src/kafka/sticky-assignment.ts';
import type { LoadReading } from '../../../src/scaling/load-reading.ts';
import { Random } from '../../../src/source/random.ts';
import { TICKS_PER_SECOND, TopicModel } from './topic-model.ts';

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
  partitions: readonly number[];
  generation: number;
}

/**
 * Aggregators and their topic: a pod folds what its own partitions have, and whenever one joins or leaves all wait for a
 * while. Partitions are shared out by the aggregators' own assigner.
 */
export class FleetModel {
  readonly topic: TopicModel;
  readonly #options: FleetOptions;
  readonly #numbers: Random;
  readonly #pods: Pod[] = [];
  #started = 0;
  #generation = 0;
  #members: readonly Pod[] = [];
  /** When the group looks different next. */
  #changesAt = 0;
  #pausedUntil = 0;
  #now = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#numbers = new Random(options.seed);
    this.topic = new TopicModel(options.partitions, this.#numbers);
    for (let each = 0; each < options.replicas; each++) this.#start(-Infinity);
  }

  /** Pods that were ordered, whether or not they have started. */
  get replicas(): number {
    return this.#pods.length;
  }

  /** As the Deployment does: starts pods, or ends the newest. */
  scaleTo(replicas: number): void {
    const [least, most] = this.#options.startSeconds;
    while (this.#pods.length < replicas)
      this.#start(this.#now + least + this.#numbers.uniform() * (most - least));
    this.#pods.splice(replicas);
    this.#changesAt = this.#now;
  }

  /** A tick goes by. */
  step(tick: number, arrivingPerSecond: number): void {
    this.#now = tick / TICKS_PER_SECOND;
    this.topic.arrive(tick, arrivingPerSecond);
    if (this.#now >= this.#changesAt) this.#rebalanceIfChanged();
    if (this.#isSettled)
      for (const { partitions, rate } of this.#members) this.topic.fold(partitions, rate / TICKS_PER_SECOND);
  }

  /** What Kafka would say now. */
  reading(): LoadReading {
    return {
      atMs: this.#now * 1000,
      partitions: this.topic.reading(),
      group: {
        state: this.#members.length === 0 ? 'empty' : this.#isSettled ? 'settled' : 'rebalancing',
        members: this.#members.map(({ name, partitions }) => ({
          memberId: name,
          partitions: this.#isSettled ? partitions : [],
        })),
      },
    };
  }

  get #isSettled(): boolean {
    return this.#now >= this.#pausedUntil;
  }

  #start(readyAt: number): void {
    const rate = this.#options.ratePerReplica * (1 + 0.1 * (this.#numbers.uniform() - 0.5));
    this.#pods.push({ name: `pod-${++this.#started}`, readyAt, rate, partitions: [], generation: -1 });
  }

  #rebalanceIfChanged(): void {
    const ready = this.#pods.filter(({ readyAt }) => readyAt <= this.#now);
    const rest = this.#pods.filter(({ readyAt }) => readyAt > this.#now);
    this.#changesAt = Math.min(...rest.map(({ readyAt }) => readyAt));
    if (ready.length === this.#members.length && ready.every((pod, at) => pod === this.#members[at])) return;
    this.#members = ready;
    this.#pausedUntil = this.#now + this.#options.rebalanceSeconds;
    this.#generation += 1;
    const topic = 'stocks';
    const assignment = stickyAssignment(
      ready.map(({ name, partitions, generation }) => ({
        memberId: name,
        topics: [topic],
        generation,
        owned: partitions.map((partition) => ({ topic, partition })),
      })),
      Array.from({ length: this.#options.partitions }, (_, partition) => ({ topic, partition })),
    );
    for (const pod of ready) {
      pod.partitions = (assignment.get(pod.name) ?? []).map(({ partition }) => partition);
      pod.generation = this.#generation;
    }
  }
}
