/**
 * The watermark of one partition: everything with an event time below it is taken to have arrived.
 * It follows the highest event time at a fixed distance and never falls (Akidau et al., "The Dataflow Model",
 * VLDB 2015, §2.3).
 */
export class Watermark {
  readonly delayMs: number;
  readonly #followsTrades: boolean;
  #atMs: number;
  /** Where the watermark stood when the last trade came: the point from which idle time counts. */
  #restingMs: number;

  /** `followsTrades` false: trades leave it where it is, for their order tells nothing; it goes where it is told to. */
  constructor(delayMs: number, atMs = Number.NEGATIVE_INFINITY, followsTrades = true) {
    this.delayMs = delayMs;
    this.#followsTrades = followsTrades;
    this.#atMs = atMs;
    this.#restingMs = atMs;
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** The event time that a trade must exceed to move the watermark. */
  get horizonMs(): number {
    return this.#followsTrades ? this.#atMs + this.delayMs : Infinity;
  }

  /** Takes note of a trade's event time. Returns whether the watermark moved. */
  observe(eventTimeMs: number): boolean {
    const moved = this.#followsTrades && this.#advanceTo(eventTimeMs - this.delayMs);
    this.#restingMs = this.#atMs;
    return moved;
  }

  /**
   * Everything is read and no trade came for `silentMs`: event time goes on as the clock does, from where the
   * trades left it. Relative, so that trades of last year replayed today are not all late after a pause.
   */
  idle(silentMs: number): boolean {
    return this.#advanceTo(this.#restingMs + silentMs);
  }

  /** No trade before `endMs` will come any more: the input has ended, or whoever knows all of it has said so. */
  end(endMs: number): boolean {
    return this.#advanceTo(endMs);
  }

  #advanceTo(atMs: number): boolean {
    if (atMs <= this.#atMs) return false;
    this.#atMs = atMs;
    return true;
  }
}
