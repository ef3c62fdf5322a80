/**
 * How long a partition has been read to its end without a new record. A clock alone does not know: it goes on while a
 * broker is away or the group rebalances, and there may be records that nobody has fetched. So silence lasts from the
 * moment the end was reached to the last fetch that found nothing after it. Times are milliseconds since the epoch.
 */
export class Silence {
  #sinceMs = Infinity;
  #untilMs = -Infinity;

  get lastsMs(): number {
    return Math.max(0, this.#untilMs - this.#sinceMs);
  }

  /** Records were processed, up to the partition's end or not; silence begins anew, if it does. */
  recordsCame(isAtEnd: boolean, nowMs: number): void {
    this.#sinceMs = isAtEnd ? nowMs : Infinity;
  }

  /** A fetch that was sent at `askedAtMs` found nothing to read, or something that is still to be processed. */
  fetched(isAtEnd: boolean, askedAtMs: number, nowMs: number): void {
    if (!isAtEnd) {
      this.#sinceMs = Infinity;
      return;
    }
    if (this.#sinceMs === Infinity) this.#sinceMs = nowMs;
    this.#untilMs = askedAtMs;
  }

  /** Another position: nothing is known. */
  forget(): void {
    this.#sinceMs = Infinity;
    this.#untilMs = -Infinity;
  }
}
