import type { FetchedPiece, LogReader } from './partition-ports.ts';
import { PartitionTask, type TaskOptions } from './partition-task.ts';
import type { TaskState } from './task-observer.ts';

/** The partitions that this process owns: a task for each. */
export class Aggregator implements LogReader {
  readonly #options: TaskOptions;
  readonly #tasks = new Map<number, PartitionTask>();
  #hasJoined = false;

  constructor(options: TaskOptions) {
    this.#options = options;
  }

  /** Whether the group has said what is ours, even if it is nothing. */
  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** The state of each owned partition. */
  get states(): ReadonlyMap<number, TaskState> {
    return new Map([...this.#tasks].map(([partition, { state }]) => [partition, state]));
  }

  /**
   * The group has assigned these partitions. A partition that stays keeps its state; one that is new is paused before
   * this returns, and taken over; one that is gone ends.
   */
  assign(partitions: readonly number[]): void {
    this.#hasJoined = true;
    for (const [partition, task] of this.#tasks) {
      if (partitions.includes(partition)) continue;
      this.#tasks.delete(partition);
      void task.end();
    }
    for (const partition of partitions) {
      if (this.#tasks.has(partition)) continue;
      const task = new PartitionTask(partition, this.#options);
      this.#tasks.set(partition, task);
      task.start();
    }
  }

  async take(partition: number, piece: FetchedPiece): Promise<void> {
    await this.#tasks.get(partition)?.take(piece);
  }

  reachedEnd(partition: number, nextOffset: number, endOffset: number, askedAtMs: number): void {
    this.#tasks.get(partition)?.reachedEnd(nextOffset, endOffset, askedAtMs);
  }

  lostPosition(partition: number): void {
    this.#tasks.get(partition)?.lostPosition();
  }

  async tick(): Promise<void> {
    await Promise.all([...this.#tasks.values()].map((task) => task.tick()));
  }

  /** The process ends in order. */
  async handOver(): Promise<void> {
    await Promise.all([...this.#tasks.values()].map((task) => task.handOver()));
    this.#tasks.clear();
  }
}
