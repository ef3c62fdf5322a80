import { createTopics } from '../../test/support/topics.ts';
import { TradeSums, type ExpectedWindows } from './expected-windows.ts';
import type { Contender } from './contender.ts';
import { runToLastResult, type JobRun } from './job-run.ts';
import { marketTrades, type MarketFile } from './market-file.ts';
import { preload } from './preload.ts';
import { verifyResults } from './verify-results.ts';
import type { WindowedJob } from './windowed-job.ts';

/** The windows of a job. */
export type WindowShape = Pick<WindowedJob, 'sizeMs' | 'slideMs' | 'delayMs'>;

/** A market in a topic of four partitions that jobs work off, each time from its start and into a topic of its own. */
export class Backlog {
  readonly market: MarketFile;
  readonly #brokers: string[];
  readonly #sums: TradeSums;
  readonly #watermarkMs: number;

  private constructor(brokers: string[], market: MarketFile, sums: TradeSums, watermarkMs: number) {
    this.market = market;
    this.#brokers = brokers;
    this.#sums = sums;
    this.#watermarkMs = watermarkMs;
  }

  /** Writes the market's trades to Kafka and adds up what its windows must be. */
  static async write(
    brokers: string[],
    market: MarketFile,
    { slideMs, delayMs }: Pick<WindowShape, 'slideMs' | 'delayMs'>,
  ): Promise<Backlog> {
    console.error(`writing ${market.trades.toLocaleString('en')} trades to Kafka ...`);
    await createTopics(brokers, { [INPUT]: PARTITIONS });
    const watermarkMs = await preload(brokers, INPUT, market, delayMs);
    const sums = new TradeSums(market.symbols, slideMs);
    for (const { symbol, priceCents, timeMs } of marketTrades(market)) sums.add(symbol, priceCents, timeMs);
    return new Backlog(brokers, market, sums, watermarkMs);
  }

  /** The windows of that size that the backlog closes. */
  windows(sizeMs: number): ExpectedWindows {
    return this.#sums.windows(sizeMs, this.#watermarkMs);
  }

  /** Lets a contender work it off and verifies what it wrote. `run` names the run; throws TooSlow after `withinMs`. */
  async workedOff(
    { id, command, end, precision }: Contender,
    run: string,
    shape: WindowShape,
    expected: ExpectedWindows,
    withinMs: number,
  ): Promise<JobRun> {
    const name = `${id}-${run}`;
    const brokers = this.#brokers;
    const job: WindowedJob = { name, brokers, input: INPUT, output: `averages-${name}`, ...shape };
    await createTopics(brokers, { [job.output]: PARTITIONS });
    const output = { brokers, topic: job.output, partitions: PARTITIONS, results: expected.size };
    const cost = await runToLastResult(command(job), output, end, withinMs);
    await verifyResults(brokers, job.output, shape.sizeMs, expected, precision);
    console.error(`${name}: ${expected.size} windows are right; ${JSON.stringify(cost)}`);
    return cost;
  }
}

const INPUT = 'stocks';
const PARTITIONS = 4;
