/**
 * The watermark of one partition: everything with an event time below it is taken to have arrived.
 * It follows the highest event time at a fixed distance and never falls (Akidau et al., "The Dataflow Model",
 * VLDB 2015, §2.3).
 */
export class Watermark {
  readonly delayMs: number;
  #atMs: number;
  /** Where the watermark stood when the last trade came: the point from which idle time counts. */
  #restingMs: number;

  constructor(delayMs: number, atMs = Number.NEGATIVE_INFINITY) {
    this.delayMs = delayMs;
    this.#atMs = atMs;
    this.#restingMs = atMs;
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** The event time that a trade must exceed to move the watermark. */
  get horizonMs(): number {
    return this.#atMs + this.delayMs;
  }

  /** Takes note of a trade's event time. Returns whether the watermark moved. */
  observe(eventTimeMs: number): boolean {
    const moved = this.#advanceTo(eventTimeMs - this.delayMs);
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

  /** No trade before `endMs` will come any more: the input has ended. */
  end(endMs: number): boolean {
    return this.#advanceTo(endMs);
  }

  #advanceTo(atMs: number): boolean {
    if (atMs <= this.#atMs) return false;
    this.#atMs = atMs;
    return true;
  }
}
