import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CheckpointObserver } from '../pipeline/checkpoint-observer.ts';
import type { CheckpointTrouble } from '../pipeline/checkpoint-error.ts';
import type { DeadLetter } from '../pipeline/reject-output.ts';
import {
  DEAD_LETTER_CODES,
  TASK_STATES,
  TRANSACTION_OUTCOMES,
  type TaskObserver,
  type TaskState,
  type TransactionOutcome,
} from '../pipeline/task-observer.ts';

/**
 * An aggregator's metrics for Prometheus, those of its process among them; docs/metrics.md lists them. Told by its
 * tasks and by its checkpoint store. `nowMs` is the clock that delay and age are told by.
 */
export class AggregatorMetrics implements TaskObserver, CheckpointObserver {
  readonly registry = new Registry();
  readonly #nowMs: () => number;
  /** By partition; delay and age grow between two calls, so they are worked out when they are asked for. */
  readonly #watermarksMs = new Map<number, number>();
  readonly #savedAtMs = new Map<number, number>();

  readonly #records = this.#counter('tidemark_records_total', 'Records read and processed.');
  readonly #replayed = this.#counter(
    'tidemark_replayed_records_total',
    'Records read again after a take-over, without results.',
  );
  readonly #late = this.#counter('tidemark_late_trades_total', 'Trades whose windows had all closed.');
  readonly #deadLettered = this.#counter(
    'tidemark_dead_lettered_records_total',
    'Records that are no trade, by reason.',
    ['reason'],
  );
  readonly #tombstones = this.#counter('tidemark_tombstones_total', 'Records without a value, passed over.');
  readonly #results = this.#counter('tidemark_results_total', 'Results committed.');
  readonly #latency = this.#histogram(
    'tidemark_result_latency_seconds',
    'From the end of a window and the delay to the commit of its results.',
  );
  readonly #transaction = this.#histogram(
    'tidemark_transaction_seconds',
    'Transactions, from start to commit.',
  );
  readonly #transactions = this.#counter(
    'tidemark_transactions_total',
    'Transactions, by what became of them.',
    ['outcome'],
  );
  readonly #takeOver = this.#histogram('tidemark_take_over_seconds', 'Take-overs of a partition.');
  readonly #state = this.#gauge('tidemark_task_state', 'State of a partition: 1 for the one it is in.', [
    'partition',
    'state',
  ]);
  readonly #lag = this.#gauge(
    'tidemark_lag_records',
    'Records from the position to the end of a partition.',
    ['partition'],
  );
  readonly #splitSymbols = this.#gauge(
    'tidemark_split_symbols',
    'Symbols of a partition that trade in another one too: their windows are wrong.',
    ['partition'],
  );
  readonly #checkpoints = this.#counter(
    'tidemark_checkpoints_total',
    'Checkpoints, by what became of them.',
    ['outcome'],
  );
  readonly #checkpointTime = this.#histogram(
    'tidemark_checkpoint_seconds',
    'Saves and loads of checkpoints.',
    ['verb'],
  );
  readonly #checkpointBytes = this.#counter('tidemark_checkpoint_bytes_total', 'Bytes saved and loaded.', [
    'verb',
  ]);
  readonly #checkpointFailures = this.#counter(
    'tidemark_checkpoint_failures_total',
    'Checkpoints not saved or not loaded, by reason.',
    ['verb', 'reason'],
  );

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    // From 0 on: to Prometheus a series that begins at 1 has not grown, so that nobody would hear of the first one.
    for (const reason of DEAD_LETTER_CODES) this.#deadLettered.inc({ reason }, 0);
    for (const outcome of TRANSACTION_OUTCOMES) this.#transactions.inc({ outcome }, 0);
    this.#sinceGauge('tidemark_watermark_delay_seconds', 'From the watermark to now.', this.#watermarksMs);
    this.#sinceGauge('tidemark_checkpoint_age_seconds', 'Since the last checkpoint saved.', this.#savedAtMs);
    // The delay of the event loop among them, which by default is sampled every 10 ms, at half a percent of a core.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
  }

  state(partition: number, state: TaskState): void {
    if (state === 'ended') {
      this.#forget(partition);
      return;
    }
    for (const each of TASK_STATES) this.#state.set({ partition, state: each }, each === state ? 1 : 0);
  }

  processed(_partition: number, records: number, late: number): void {
    this.#records.inc(records);
    this.#late.inc(late);
  }

  tombstones(_partition: number, records: number): void {
    this.#tombstones.inc(records);
  }

  deadLettered(_partition: number, code: DeadLetter['code']): void {
    this.#deadLettered.inc({ reason: code });
  }

  replayed(_partition: number, records: number): void {
    this.#replayed.inc(records);
  }

  /** One observation per transaction: its results leave together. */
  committed(_partition: number, results: number, latencyMs: number | undefined, transactionMs: number): void {
    this.#results.inc(results);
    this.#transaction.observe(transactionMs / 1000);
    if (latencyMs !== undefined) this.#latency.observe(latencyMs / 1000);
  }

  transaction(_partition: number, outcome: TransactionOutcome): void {
    this.#transactions.inc({ outcome });
  }

  takenOver(_partition: number, durationMs: number): void {
    this.#takeOver.observe(durationMs / 1000);
  }

  position(partition: number, lagRecords: number, watermarkMs: number): void {
    this.#lag.set({ partition }, lagRecords);
    this.#watermarksMs.set(partition, watermarkMs);
  }

  splitSymbols(partition: number, symbols: number): void {
    if (this.#watermarksMs.has(partition)) this.#splitSymbols.set({ partition }, symbols); // else it has moved
  }

  checkpoint(partition: number, outcome: 'saved' | 'fenced' | 'failed'): void {
    this.#checkpoints.inc({ outcome });
    const isOurs = this.#watermarksMs.has(partition); // a save may end after its task
    if (outcome === 'saved' && isOurs) this.#savedAtMs.set(partition, this.#nowMs());
  }

  done(verb: 'save' | 'load', bytes: number, tookMs: number): void {
    this.#checkpointBytes.inc({ verb }, bytes);
    this.#checkpointTime.observe({ verb }, tookMs / 1000);
  }

  failed(verb: 'save' | 'load', trouble: CheckpointTrouble): void {
    this.#checkpointFailures.inc({ verb, reason: trouble });
  }

  /** The partition is another process's now, and told of there. */
  #forget(partition: number): void {
    this.#watermarksMs.delete(partition);
    this.#savedAtMs.delete(partition);
    this.#lag.remove({ partition });
    this.#splitSymbols.remove({ partition });
    for (const state of TASK_STATES) this.#state.remove({ partition, state });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[] = []): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }

  /** By partition, the seconds since a moment. The watermark before the first trade is none. */
  #sinceGauge(name: string, help: string, momentsMs: ReadonlyMap<number, number>): void {
    const nowMs = this.#nowMs;
    new Gauge({
      name,
      help,
      labelNames: ['partition'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [partition, ms] of momentsMs) {
          if (Number.isFinite(ms)) this.set({ partition }, (nowMs() - ms) / 1000);
        }
      },
    });
  }
}

/** From a millisecond to a minute. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
