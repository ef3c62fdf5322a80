import { clockMs } from './live-market.ts';
import { ResultWatch } from './result-watch.ts';
import type { WindowedJob } from './windowed-job.ts';

/** How long results of a running pipeline are waited for, symbol by symbol. */
export class ResultWaits {
  seen = 0;
  readonly #symbols: number;
  readonly #watch: ResultWatch;
  readonly #newestEndMs = new Map<string, number>();
  #longestMs = 0;

  constructor(job: WindowedJob, partitions: number, symbols: number) {
    this.#symbols = symbols;
    this.#watch = new ResultWatch(job.brokers, job.output, partitions, ({ bytes, valueStart, valueEnd }) => {
      const result = JSON.parse(bytes.toString('latin1', valueStart, valueEnd)) as {
        end: number;
        stockName: string;
      };
      this.seen++;
      this.#longestMs = Math.max(this.#longestMs, clockMs() - result.end - job.delayMs);
      this.#newestEndMs.set(result.stockName, result.end);
    });
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Since the last call: the longest that a result took from its window's end until it was visible. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  /** Whether every symbol has had a result of a window that ended later than then. */
  haveAllSince(endMs: number): boolean {
    return this.#newestEndMs.size === this.#symbols && Math.min(...this.#newestEndMs.values()) > endMs;
  }
}
