export interface WorkOptions {
  /** How many keys are worked on at a time; one key never by two. */
  readonly workers: number;
  /** Works on a key; how long until it has to be looked at again, or undefined. */
  readonly handle: (key: string) => Promise<number | undefined>;
  /** Told of what `handle` threw; how long to wait before it is tried again, after so many failures in a row. */
  readonly onFailure: (key: string, error: unknown, failures: number) => number;
}

/**
 * Keys that have to be looked at. A key that is added while it waits is there once; added while it is worked on, it is
 * looked at once more afterwards, so that nothing seen in between is missed.
 */
export class WorkQueue {
  readonly #options: WorkOptions;
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { timer: NodeJS.Timeout; dueMs: number }>();
  #wake = Promise.withResolvers<undefined>();

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Keys that wait, without those that are due later. */
  get depth(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    this.#waiting.add(key);
    this.#wake.resolve(undefined);
  }

  /** Adds the key after a while; of several such the soonest counts. */
  addAfter(key: string, ms: number): void {
    const dueMs = performance.now() + ms;
    const earlier = this.#timers.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    clearTimeout(earlier?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, ms);
    this.#timers.set(key, { timer, dueMs });
  }

  /** Works until the signal, and then until what is under way has ended. What waits is dropped. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => {
      this.#wake.resolve(undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    const work = new Set<Promise<void>>();
    while (!signal.aborted) {
      const key = work.size < this.#options.workers ? this.#next() : undefined;
      if (key === undefined) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      const one = this.#work(key, signal).finally(() => {
        work.delete(one);
        this.#wake.resolve(undefined);
      });
      work.add(one);
    }
    signal.removeEventListener('abort', stop);
    await Promise.all(work);
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    this.#failures.clear();
  }

  #next(): string | undefined {
    for (const key of this.#waiting) {
      if (this.#working.has(key)) continue;
      this.#waiting.delete(key);
      this.#working.add(key);
      return key;
    }
    return undefined;
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    try {
      const againMs = await this.#options.handle(key);
      this.#failures.delete(key);
      if (againMs !== undefined && !signal.aborted) this.addAfter(key, againMs);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const againMs = this.#options.onFailure(key, error, failures);
      if (!signal.aborted) this.addAfter(key, againMs);
    } finally {
      this.#working.delete(key);
    }
  }
}

/** 100 ms after the first failure, doubled up to a minute, and spread; never sooner than the server asked for. */
export function retryAfterMs(failures: number, random: number, atLeastMs = 0): number {
  const wholeMs = Math.min(60_000, 100 * 2 ** Math.min(failures - 1, 20));
  return atLeastMs + wholeMs * (0.5 + random / 2);
}
