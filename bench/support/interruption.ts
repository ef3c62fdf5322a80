import { setTimeout as delay } from 'node:timers/promises';

/**
 * Ctrl-C and SIGTERM for work that makes things elsewhere, which no exit of this process would remove. The work is
 * given up, and who waits for it undoes what there is, in order. A second signal ends at once.
 */
export class Interruption {
  readonly #interrupted: Promise<never>;
  #sinceMs: number | undefined;

  constructor() {
    this.#interrupted = new Promise((_resolve, reject) => {
      const onSignal = () => {
        if (this.#sinceMs === undefined) {
          this.#sinceMs = performance.now();
          console.error('What was made is being removed. Once more, and it stays.');
          reject(new Interrupted());
        } else if (performance.now() - this.#sinceMs > ECHO_MS) {
          process.exit(EXIT_INTERRUPTED);
        }
      };
      process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    });
    this.#interrupted.catch(() => undefined); // whoever works at the time tells of it
  }

  /** As the work ends; rejects with Interrupted at a signal, and nobody waits for the work any longer. */
  async orGivenUp<T>(work: () => Promise<T>): Promise<T> {
    if (this.#sinceMs !== undefined) throw new Interrupted();
    return Promise.race([this.#interrupted, work()]);
  }
}

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** As a shell tells of Ctrl-C. */
export const EXIT_INTERRUPTED = 130;

/** Takes one step after the other, also after one that fails or hangs, and tells of it. */
export async function inTurn(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) {
    const waiting = new AbortController();
    try {
      await Promise.race([step(), hangs(waiting.signal)]);
    } catch (error) {
      console.error(`While it was removed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      waiting.abort();
    }
  }
}

async function hangs(signal: AbortSignal): Promise<never> {
  await delay(LONGEST_STEP_MS, undefined, { signal });
  throw new Error(`a step has taken ${LONGEST_STEP_MS / 1000} s`);
}

const LONGEST_STEP_MS = 90_000;
/** npm passes a signal on that the terminal has sent to all already. */
const ECHO_MS = 1_000;
