import type { Logger } from './logger.ts';
import { BackOff } from './back-off.ts';
import { failureKind, type FetchedPiece, type PartitionLog } from './partition-ports.ts';
import type { PartitionWork, TakeOver } from './partition-work.ts';
import type { SchemaSource } from './schema-source.ts';
import { Serial } from './serial.ts';
import { Silence } from './silence.ts';
import type { TaskObserver, TaskState } from './task-observer.ts';

/** What tasks are made with; one for all partitions of a pipeline's stage. */
export interface TaskOptions {
  /** The stage. */
  readonly takeOver: TakeOver;
  readonly idleAfterMs: number | undefined;
  readonly log: PartitionLog;
  /** Where the schemas of records come from that name one by its id; undefined: they name none. */
  readonly schemas: SchemaSource | undefined;
  readonly observer: TaskObserver;
  readonly logger: Logger;
  /** A failure that would come again. */
  readonly onFatal: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly random: () => number;
}

/**
 * One input partition in this process, exactly once.
 *
 *   taking-over ──▶ replaying ──▶ processing ──▶ handing-over ──▶ ended
 *     ▲     │           │             │
 *     │     ▼           ▼             ▼
 *     └── waiting ◀─────┴── any error ┘           (jittered back-off)
 *
 * taking-over   fences every earlier owner, reads the committed offset O, loads the checkpoint (window-stage.ts).
 * replaying     folds again what the checkpoint does not hold, up to O; emits nothing, for its results are out.
 * processing    results and offset in one transaction; without results the offset moves about once a second
 *               (committer.ts).
 * handing-over  a last transaction and a last checkpoint at the same offset, so that the next owner replays nothing.
 *
 * A record whose schema is not known yet stops delivery, in replaying and in processing, until the registry has told it.
 *
 * After any error memory is dropped and the partition taken over anew: what a failed transaction has done is not
 * known, and Kafka knows it. A task that somebody else has fenced waits until the group has had time to say so.
 */
export class PartitionTask {
  readonly partition: number;
  readonly #options: TaskOptions;
  readonly #serial = new Serial();
  readonly #silence = new Silence();
  readonly #backOff: BackOff;
  #state: TaskState = 'waiting';
  #held: PartitionWork | undefined;
  /** The next offset to fold. */
  #position = 0;
  /** Pieces in a row that did not begin at the position. */
  #misplaced = 0;
  #endOffset = 0;
  /** Nothing is taken until a schema has come. */
  #awaitsSchema = false;

  constructor(partition: number, options: TaskOptions) {
    this.partition = partition;
    this.#options = options;
    this.#backOff = new BackOff({ firstMs: 50, mostMs: 2_000, random: options.random });
  }

  get state(): TaskState {
    return this.#state;
  }

  /** Owns the partition from now on. Delivery is paused, synchronously, until it has taken over. */
  start(): void {
    this.#options.log.pause(this.partition);
    void this.#serial.run(() => this.#guarded(() => this.#takeOver()));
  }

  /** Takes what was fetched; resolved when there is room for more, or when the task has no use for it. */
  take(piece: FetchedPiece): Promise<void> {
    return this.#serial.run(() => this.#guarded(() => this.#process(piece)));
  }

  /** A broker has told the partition's end, in answer to a fetch of `askedAtMs`: it was so then or later. */
  reachedEnd(nextOffset: number, endOffset: number, askedAtMs: number): void {
    this.#endOffset = endOffset;
    const isAtEnd = nextOffset >= endOffset && this.#position >= endOffset;
    this.#silence.fetched(isAtEnd, askedAtMs, this.#options.nowMs());
  }

  /** Retention was faster than this task: it is taken over anew, from where the log begins. */
  lostPosition(): void {
    if (this.#held === undefined) return;
    this.#fail(new Error(`the log does not hold offset ${this.#position} any more`));
  }

  /** Now and then: idle time, and offsets that no result has moved. */
  tick(): Promise<void> {
    if (this.#state !== 'processing' || this.#serial.isBusy) return Promise.resolve();
    return this.#serial.run(() => this.#guarded(() => this.#onTick()));
  }

  /** The process ends in order: the next owner replays nothing. */
  async handOver(): Promise<void> {
    await this.#serial.run(() => this.#guarded(() => this.#handOver()));
    await this.end();
  }

  /** The partition is no longer ours. */
  async end(): Promise<void> {
    this.#become('ended');
    const held = this.#held;
    this.#held = undefined;
    await held?.writer.discard().catch((error: unknown) => {
      this.#options.logger.debug(
        { partition: this.partition, err: error },
        'a producer did not close in order',
      );
    });
  }

  async #takeOver(): Promise<void> {
    if (this.#isEnded()) return;
    const { nowMs, observer } = this.#options;
    const startedMs = nowMs();
    this.#become('taking-over');
    const taken: PartitionWork = await this.#options.takeOver(this.partition, {
      onCommit: () => {
        this.#backOff.succeeded();
      },
      onFailure: (error) => {
        if (this.#held === taken) this.#fail(error);
      },
    });
    if (this.#isEnded()) {
      await taken.writer.discard();
      return;
    }
    this.#hold(taken);
    observer.takenOver(this.partition, nowMs() - startedMs);
  }

  #hold(held: PartitionWork): void {
    const { log } = this.#options;
    this.#held = held;
    this.#position = held.from;
    this.#misplaced = 0;
    this.#awaitsSchema = false;
    this.#silence.forget();
    this.#become(held.from < held.replayUntil ? 'replaying' : 'processing');
    log.seek(this.partition, held.from);
    log.resume(this.partition);
  }

  async #process(piece: FetchedPiece): Promise<void> {
    const held = this.#held;
    if (held === undefined || this.#awaitsSchema) return;
    this.#endOffset = piece.endOffset;
    if (piece.fromOffset > this.#position || piece.nextOffset <= this.#position) {
      this.#goBack(piece);
      return;
    }
    this.#misplaced = 0;
    if (this.#state === 'replaying') this.#replay(held, piece);
    if (this.#position < held.replayUntil || this.#isWaitingForSchema()) return;
    this.#processFrom(held, piece);
    await held.committer.room();
  }

  /** The piece was fetched before a seek; it would leave a gap or repeat. Unless it is not the only one. */
  #goBack({ fromOffset }: FetchedPiece): void {
    if (++this.#misplaced > MOST_MISPLACED) {
      const found = `fetches bring offset ${fromOffset} where ${this.#position} was asked for`;
      throw new Error(`partition ${this.partition}: ${found}; the log may no longer hold it`);
    }
    this.#options.log.seek(this.partition, this.#position);
  }

  /**
   * Delivery stops here and goes on when the schema has come. The task does not wait within `take`: the group would take
   * a member that is not done with its records for a dead one.
   */
  #waitForSchema(held: PartitionWork, schemaId: number): void {
    const { log, logger, schemas } = this.#options;
    if (schemas === undefined)
      throw new Error(`Schema ${schemaId} is needed, and nobody was named who has it.`);
    const { partition } = this;
    this.#awaitsSchema = true;
    log.pause(partition);
    logger.info({ partition, schemaId, offset: this.#position }, 'a schema is asked for');
    schemas.load(schemaId).then(
      () => {
        if (this.#held !== held || this.#state === 'handing-over') return;
        this.#awaitsSchema = false;
        log.seek(partition, this.#position);
        log.resume(partition);
      },
      (error: unknown) => {
        if (this.#held === held) this.#fail(error);
      },
    );
  }

  #isWaitingForSchema(): boolean {
    return this.#awaitsSchema;
  }

  #replay(held: PartitionWork, piece: FetchedPiece): void {
    const { replayUntil } = held;
    const needed = held.replay(piece, this.#position);
    this.#position = needed?.offset ?? Math.min(piece.nextOffset, replayUntil);
    if (needed !== undefined) this.#waitForSchema(held, needed.schemaId);
    if (this.#position === replayUntil) this.#become('processing');
    if (this.#position === replayUntil) this.#become('processing');
  }

  #processFrom(held: PartitionWork, piece: FetchedPiece): void {
    const needed = held.process(piece, this.#position);
    this.#position = needed?.offset ?? piece.nextOffset;
    if (needed !== undefined) this.#waitForSchema(held, needed.schemaId);
    this.#silence.recordsCame(this.#position >= piece.endOffset, this.#options.nowMs());
    this.#advance(held);
  }

  #onTick(): Promise<void> {
    const held = this.#held;
    const { idleAfterMs } = this.#options;
    if (held === undefined) return Promise.resolve();
    const silentMs = this.#silence.lastsMs;
    if (idleAfterMs !== undefined && silentMs >= idleAfterMs) held.idle(silentMs);
    this.#advance(held);
    return held.committer.room();
  }

  #advance({ committer, watermarkMs }: PartitionWork): void {
    committer.advanceTo(this.#position);
    const lagRecords = Math.max(0, this.#endOffset - this.#position);
    this.#options.observer.position(this.partition, lagRecords, watermarkMs);
  }

  async #handOver(): Promise<void> {
    const held = this.#held;
    if (held === undefined || this.#state !== 'processing') return;
    this.#become('handing-over');
    this.#options.log.pause(this.partition);
    await held.committer.flush();
    if (this.#held === held) await held.handOver();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Any failure leads back to taking over, but for one that would come again. */
  #fail(error: unknown): void {
    if (this.#isEnded()) return;
    this.#drop();
    const kind = failureKind(error);
    const { logger, onFatal } = this.#options;
    if (kind === 'fatal') {
      onFatal(error);
      return;
    }
    logger.info({ partition: this.partition, kind, err: error }, 'taking the partition over again');
    this.#scheduleTakeOver(kind);
  }

  #drop(): void {
    this.#options.log.pause(this.partition);
    this.#held?.writer.discard().catch(alreadyGone);
    this.#held = undefined;
    this.#become('waiting');
  }

  #scheduleTakeOver(kind: 'retry' | 'fenced'): void {
    const delayMs = this.#backOff.next() + (kind === 'fenced' ? AFTER_FENCING_MS : 0);
    setTimeout(() => {
      if (!this.#isEnded()) void this.#serial.run(() => this.#guarded(() => this.#takeOver()));
    }, delayMs);
  }

  #become(state: TaskState): void {
    if (this.#state === 'ended') return;
    this.#state = state;
    this.#options.observer.state(this.partition, state);
    this.#options.logger.info({ partition: this.partition, state }, 'partition');
  }

  #isEnded(): boolean {
    return this.#state === 'ended';
  }
}

/** Two heartbeats and a round of joining: who has lost the partition knows it by then. */
const AFTER_FENCING_MS = 1_500;

const MOST_MISPLACED = 5;

function alreadyGone(): void {
  // The producer failed before; that it does not close in order either tells nothing new.
}
