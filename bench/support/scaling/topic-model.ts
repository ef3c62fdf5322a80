import { Random } from '../../../src/source/random.ts';
import type { PartitionReading } from '../../../src/scaling/load-reading.ts';
import { DAY_SECONDS } from './market-day.ts';

/** How often the model looks at everything. */
export const TICKS_PER_SECOND = 10;

/**
 * A topic over a day, tick by tick: what has arrived in its partitions, how much of that is folded, and how much of
 * what is folded is committed. Typed arrays, and as few looks at them as will do, for a day has 864,000 ticks.
 */
export class TopicModel {
  readonly partitions: number;
  readonly #numbers: Random;
  /** Some partitions get more than others. */
  readonly #shares: Float64Array;
  /** In all partitions, at the end of each second. */
  readonly #arrivedBySecond = new Float64Array(DAY_SECONDS);
  #arrived = 0;
  #second = 0;
  #atSeconds = 0;
  readonly #folded: Float64Array;
  /** One second ago. */
  readonly #foldedBefore: Float64Array;
  readonly #committed: Float64Array;
  readonly #oldestSecond: Uint32Array;

  constructor(partitions: number, numbers: Random) {
    this.partitions = partitions;
    this.#numbers = numbers;
    const weights = Float64Array.from({ length: partitions }, () => 1 + 0.1 * (numbers.uniform() - 0.5));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.#shares = weights.map((weight) => weight / whole);
    [this.#folded, this.#foldedBefore, this.#committed] = [0, 1, 2].map(() => new Float64Array(partitions));
    this.#oldestSecond = new Uint32Array(partitions);
  }

  /** A tick's trades come. */
  arrive(tick: number, perSecond: number): void {
    this.#arrived += perSecond / TICKS_PER_SECOND;
    this.#second = Math.floor(tick / TICKS_PER_SECOND);
    this.#atSeconds = (tick + 1) / TICKS_PER_SECOND;
    this.#arrivedBySecond[this.#second] = this.#arrived;
  }

  /** One aggregator folds so many trades at most, of its partitions that have any, fairly. */
  fold(partitions: readonly number[], most: number): void {
    let waiting = 0;
    for (const partition of partitions) waiting += this.#waitingIn(partition);
    if (waiting <= most) {
      for (const partition of partitions) this.#folded[partition] = this.#arrivedIn(partition);
      return;
    }
    const byWaiting = partitions.toSorted((a, b) => this.#waitingIn(a) - this.#waitingIn(b));
    let left = most;
    byWaiting.forEach((partition, index) => {
      const share = Math.min(this.#waitingIn(partition), left / (byWaiting.length - index));
      this.#folded[partition] += share;
      left -= share;
    });
  }

  /** Trades that have arrived and are not folded. */
  get waiting(): number {
    let waiting = 0;
    for (let partition = 0; partition < this.partitions; partition++) waiting += this.#waitingIn(partition);
    return waiting;
  }

  /** For how long the trade that waits has been waiting that came first, in seconds. */
  get longestWaitSeconds(): number {
    let firstAt = this.#atSeconds;
    for (let partition = 0; partition < this.partitions; partition++) {
      if (this.#waitingIn(partition) > 0) firstAt = Math.min(firstAt, this.#arrivalOfNext(partition));
    }
    return this.#atSeconds - firstAt;
  }

  /** At the end of a second: each partition is committed once a second, at a moment of its own. */
  commit(): void {
    for (let partition = 0; partition < this.partitions; partition++) {
      const [before, folded] = [this.#foldedBefore[partition], this.#folded[partition]];
      this.#committed[partition] = before + this.#numbers.uniform() * (folded - before);
    }
    this.#foldedBefore.set(this.#folded);
  }

  /** Trades that have arrived and are not committed. */
  get lag(): number {
    return this.#arrived - this.#committed.reduce((sum, each) => sum + each, 0);
  }

  /** As the brokers say. */
  reading(): PartitionReading[] {
    return Array.from(this.#committed, (committed, partition) => ({
      partition,
      endOffset: Math.round(this.#arrivedIn(partition)),
      position: Math.round(committed),
    }));
  }

  #arrivedIn(partition: number): number {
    return this.#arrived * this.#shares[partition];
  }

  #waitingIn(partition: number): number {
    return this.#arrivedIn(partition) - this.#folded[partition];
  }

  /** When the first trade came that is not folded. */
  #arrivalOfNext(partition: number): number {
    const inAll = this.#folded[partition] / this.#shares[partition];
    let second = this.#oldestSecond[partition];
    while (second < this.#second && this.#arrivedBySecond[second] <= inAll) second += 1;
    this.#oldestSecond[partition] = second;
    const [begin, end] = [this.#arrivedBySecond[second - 1] ?? 0, this.#arrivedBySecond[second]];
    const whole = second === this.#second ? this.#atSeconds - second : 1;
    return second + (whole * Math.max(0, inAll - begin)) / (end - begin);
  }
}
