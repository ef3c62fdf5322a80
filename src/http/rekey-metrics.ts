import { Counter, Gauge } from 'prom-client';
import { TASK_STATES, type TaskObserver, type TaskState } from '../pipeline/task-observer.ts';
import type { DeadLetter } from '../pipeline/reject-output.ts';
import type { AggregatorMetrics } from './aggregator-metrics.ts';

/**
 * Metrics of the stage that re-keys, told by its tasks. What both stages have in common (late trades, dead letters,
 * transactions, take-overs) is counted together with that of the other; what belongs to a partition has names of its
 * own, for its partitions are the input's.
 */
export class RekeyMetrics implements TaskObserver {
  readonly #common: AggregatorMetrics;
  /** By partition. */
  readonly #watermarksMs = new Map<number, number>();
  readonly #records: Counter;
  readonly #lag: Gauge<'partition'>;
  readonly #state: Gauge<'partition' | 'state'>;

  constructor(common: AggregatorMetrics, nowMs: () => number = Date.now) {
    this.#common = common;
    const registers = [common.registry];
    this.#records = new Counter({
      name: 'tidemark_rekeyed_records_total',
      help: 'Records of the input read by the stage that re-keys.',
      registers,
    });
    this.#lag = new Gauge({
      name: 'tidemark_rekey_lag_records',
      help: 'Records from the position to the end of a partition of the input.',
      labelNames: ['partition'],
      registers,
    });
    this.#state = new Gauge({
      name: 'tidemark_rekey_task_state',
      help: 'State of a partition of the input: 1 for the one it is in.',
      labelNames: ['partition', 'state'],
      registers,
    });
    const watermarksMs = this.#watermarksMs;
    new Gauge({
      name: 'tidemark_rekey_watermark_delay_seconds',
      help: 'From the watermark of a partition of the input to now.',
      labelNames: ['partition'],
      registers,
      collect() {
        this.reset();
        for (const [partition, ms] of watermarksMs)
          if (Number.isFinite(ms)) this.set({ partition }, (nowMs() - ms) / 1000);
      },
    });
  }

  state(partition: number, state: TaskState): void {
    if (state !== 'ended') {
      for (const each of TASK_STATES) this.#state.set({ partition, state: each }, each === state ? 1 : 0);
      return;
    }
    this.#watermarksMs.delete(partition);
    this.#lag.remove({ partition });
    for (const each of TASK_STATES) this.#state.remove({ partition, state: each });
  }

  processed(partition: number, records: number, late: number): void {
    this.#records.inc(records);
    this.#common.processed(partition, 0, late);
  }

  tombstones(partition: number, records: number): void {
    this.#common.tombstones(partition, records);
  }

  deadLettered(partition: number, code: DeadLetter['code']): void {
    this.#common.deadLettered(partition, code);
  }

  replayed(): void {
    // This stage replays nothing.
  }

  committed(partition: number, _trades: number, _latencyMs: undefined, transactionMs: number): void {
    this.#common.committed(partition, 0, undefined, transactionMs);
  }

  transaction(...told: Parameters<TaskObserver['transaction']>): void {
    this.#common.transaction(...told);
  }

  takenOver(partition: number, durationMs: number): void {
    this.#common.takenOver(partition, durationMs);
  }

  position(partition: number, lagRecords: number, watermarkMs: number): void {
    this.#lag.set({ partition }, lagRecords);
    this.#watermarksMs.set(partition, watermarkMs);
  }

  splitSymbols(): void {
    // Symbols are in several partitions here; that is what the stage is for.
  }

  checkpoint(): void {
    // This stage has no checkpoints.
  }
}
