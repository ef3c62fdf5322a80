import { setImmediate } from 'node:timers/promises';
import { memoryCheckpointStore, type KeptCheckpoint } from '../../src/pipeline/memory-checkpoint-store.ts';
import type { CheckpointStore } from '../../src/pipeline/checkpoint.ts';
import type { StateOptions } from '../../src/pipeline/partition-state.ts';
import { PartitionTask } from '../../src/pipeline/partition-task.ts';
import type { SchemaSource } from '../../src/pipeline/schema-source.ts';
import { resultJson } from '../../src/pipeline/result-json.ts';
import { windowStage } from '../../src/pipeline/window-stage.ts';
import { NO_OBSERVER, type TaskState } from '../../src/pipeline/task-observer.ts';
import { CODEC } from './decode.ts';
import { MemoryLog, type MemoryBroker } from './memory-log.ts';

/** A clock that stands still until a test moves it. */
export interface Clock {
  nowMs: number;
}

/** Where a pipeline's processes meet: the broker, the kept checkpoints, the time. */
export interface Place {
  readonly broker: MemoryBroker;
  readonly kept: Map<number, KeptCheckpoint>;
  readonly clock: Clock;
}

/** A process that owns partition 0. Nothing happens in it but what a test asks for. */
export class PartitionOwner {
  readonly log: MemoryLog;
  readonly states: TaskState[] = [];
  readonly warnings: string[] = [];
  readonly fatal: unknown[] = [];
  readonly outcomes: string[] = [];
  readonly task: PartitionTask;
  readonly #place: Place;

  constructor(
    place: Place,
    state: StateOptions,
    checkpoints: CheckpointStore = memoryCheckpointStore(place.kept),
    schemas?: SchemaSource,
  ) {
    this.#place = place;
    this.log = new MemoryLog(place.broker);
    const nothing = (): void => undefined;
    const observer = {
      ...NO_OBSERVER,
      state: (_partition: number, each: TaskState) => this.states.push(each),
      transaction: (_partition: number, outcome: string) => this.outcomes.push(outcome),
    };
    const logger = {
      debug: nothing,
      info: nothing,
      warn: (_fields: object, message: string) => this.warnings.push(message),
      error: nothing,
    };
    const nowMs = (): number => place.clock.nowMs;
    const { log } = this;
    const resultValue = resultJson(['average', 'min', 'max', 'count'], false);
    this.task = new PartitionTask(0, {
      takeOver: windowStage({
        ...{ topic: 'trades', state, log, checkpoints, places: undefined, resultValue },
        ...{ observer, logger, nowMs },
      }),
      idleAfterMs: undefined,
      log,
      schemas,
      observer,
      logger,
      onFatal: (error) => this.fatal.push(error),
      nowMs,
      random: () => 1,
    });
  }

  /** Starts, and has taken over once this is resolved. */
  async start(): Promise<this> {
    this.task.start();
    await this.becomes('replaying', 'processing');
    return this;
  }

  async becomes(...states: TaskState[]): Promise<void> {
    await eventually(`the task is ${states.join(' or ')}, not ${this.task.state}`, () =>
      states.includes(this.task.state),
    );
  }

  /** Fetches, a few records at a time, until nothing comes. */
  async read(): Promise<void> {
    while (await this.log.deliver(this.#reader, 3, this.#place.clock.nowMs));
  }

  /** Reads to the end, and waits until that is committed. */
  async readAndCommit(): Promise<void> {
    const { broker, clock } = this.#place;
    await this.read();
    clock.nowMs += 1_500;
    await eventually('everything is committed', async () => {
      await this.task.tick();
      return broker.committed?.offset === broker.records.length;
    });
  }

  readonly #reader = {
    take: (_partition: number, ...[piece]: Parameters<PartitionTask['take']>): Promise<void> =>
      this.task.take(piece),
    reachedEnd: (_partition: number, ...told: Parameters<PartitionTask['reachedEnd']>): void => {
      this.task.reachedEnd(...told);
    },
  };
}

/** Waits for what needs no time but turns of the event loop. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (await condition()) return;
    await setImmediate();
  }
  throw new Error(`In vain: ${what}.`);
}

/** Windows of 3 s every second, with a delay of 1 s, over CSV with two decimals. */
export const STATE: StateOptions = {
  windows: {
    windows: [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }],
    delayMs: 1_000,
    emit: 'final',
    scale: { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: false },
  },
  codec: { ...CODEC, withQuantity: false },
};
