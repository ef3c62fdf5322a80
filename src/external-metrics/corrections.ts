/**
 * How often what others have changed is put right: at once while it is seldom, for that is somebody's mistake. A
 * controller that wants it otherwise changes it back within milliseconds, and would be answered without an end.
 */
export class Corrections {
  #madeAtMs: readonly number[] = [];

  made(nowMs: number): void {
    this.#madeAtMs = [...this.#madeAtMs, nowMs];
  }

  /** Nothing had to be put right of late. */
  isQuiet(nowMs: number): boolean {
    return this.#lately(nowMs).length === 0;
  }

  /** How long the next one has to wait; 0: it may be made now. */
  waitMs(nowMs: number): number {
    const lately = this.#lately(nowMs);
    return lately.length < MOST ? 0 : lately[0] + WITHIN_MS - nowMs;
  }

  #lately(nowMs: number): readonly number[] {
    this.#madeAtMs = this.#madeAtMs.filter((atMs) => nowMs - atMs < WITHIN_MS);
    return this.#madeAtMs;
  }
}

const MOST = 5;
const WITHIN_MS = 60_000;
