import { baseLost } from './checkpoint-error.ts';
import type {
  Checkpoint,
  CheckpointChange,
  CheckpointPane,
  CheckpointStore,
  CheckpointTail,
} from './checkpoint.ts';

/** A partition's checkpoint, never changed: each save puts another in its place. */
export interface KeptCheckpoint {
  readonly epoch: bigint;
  readonly checkpoint: Checkpoint;
}

/**
 * Checkpoints that last as long as the process. Stores over one Map see each other's, as processes over one Redis do.
 */
export function memoryCheckpointStore(kept = new Map<number, KeptCheckpoint>()): CheckpointStore {
  return new MemoryCheckpointStore(kept);
}

class MemoryCheckpointStore implements CheckpointStore {
  readonly isHealthy = true;
  readonly #kept: Map<number, KeptCheckpoint>;
  /** By partition: what this store saved or loaded last; undefined where it found nothing. */
  readonly #bases = new Map<number, KeptCheckpoint | undefined>();

  constructor(kept: Map<number, KeptCheckpoint>) {
    this.#kept = kept;
  }

  save(partition: number, epoch: bigint, change: CheckpointChange): Promise<'saved' | 'fenced'> {
    const before = this.#kept.get(partition);
    if (before !== undefined && before.epoch > epoch) return Promise.resolve('fenced');
    if (!change.whole && !(this.#bases.has(partition) && this.#bases.get(partition) === before)) {
      return Promise.reject(baseLost(partition));
    }
    const after = { epoch, checkpoint: changed(before?.checkpoint, change) };
    this.#kept.set(partition, after);
    this.#bases.set(partition, after);
    return Promise.resolve('saved');
  }

  load(partition: number): Promise<Checkpoint | undefined> {
    const kept = this.#kept.get(partition);
    this.#bases.set(partition, kept);
    return Promise.resolve(kept?.checkpoint);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function changed(before: Checkpoint | undefined, change: CheckpointChange): Checkpoint {
  const base = change.whole ? undefined : before;
  const { offset, watermarkMs, shape } = change;
  const panes = new Map<number, CheckpointPane>(base?.panes.map((pane) => [pane.startMs, pane]));
  for (const pane of change.panes) {
    panes.set(pane.startMs, {
      startMs: pane.startMs,
      symbols: [...pane.symbols],
      figures: pane.figures.slice(),
    });
  }
  const tails = new Map<string, CheckpointTail>(base?.tails.map((tail) => [keyOf(tail), tail]));
  for (const tail of change.tails) tails.set(keyOf(tail), copied(tail));
  return {
    offset,
    watermarkMs,
    shape,
    panes: [...panes.values()]
      .filter(({ startMs }) => startMs >= change.dropBeforeMs)
      .sort((a, b) => a.startMs - b.startMs),
    tails: [...tails.values()],
  };
}

function keyOf({ window, symbol }: CheckpointTail): string {
  return `${window}:${symbol}`;
}

function copied({
  window,
  symbol,
  seen,
  timesMs,
  priceTicks,
  quantityUnits,
}: CheckpointTail): CheckpointTail {
  return {
    window,
    symbol,
    seen,
    timesMs: timesMs.slice(),
    priceTicks: priceTicks.slice(),
    quantityUnits: quantityUnits.slice(),
  };
}
