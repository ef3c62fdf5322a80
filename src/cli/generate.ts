import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { Duplicates } from '../feed/duplicates.ts';
import type { Feed } from '../feed/feed.ts';
import { marketFeed } from '../feed/market-feed.ts';
import { presetFeed } from '../feed/preset-feed.ts';
import { replayFeed } from '../feed/replay-feed.ts';
import { tradeText } from '../feed/trade-text.ts';
import { refuseMissingAccess } from '../kafka/access-check.ts';
import type { AccessRule } from '../kafka/access-rules.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { kafkaTrouble } from '../kafka/kafka-trouble.ts';
import { TopicWriter } from '../kafka/topic-writer.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { progressLine } from '../sink/progress-line.ts';
import { fileSource } from '../source/file-source.ts';
import { Random } from '../source/random.ts';
import type { CodecOptions } from '../trade/codec.ts';
import type { GenerateFlags } from './generate-command.ts';
import { onInterrupt } from './interrupt.ts';
import { namedTopic } from './named-topic.ts';
import { layoutOf } from './topic-layout.ts';

/** Writes trades until the end that was asked for, or Ctrl-C; returns the code to exit with. */
export async function generate(file: string | undefined, flags: GenerateFlags): Promise<number> {
  const { connection, topic, pipeline } = await namedTopic(file, flags, 'input');
  const startMs = Date.now();
  const feed = feedOf(flags, layoutOf(pipeline, flags.format), startMs);
  const logger = pino({ level: 'silent' }); // what goes wrong is told once, as the error
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-generate', logger, retries: 5 });
  const rules = [mayWrite(topic)];
  const writer = new TopicWriter(kafka, topic);
  const interrupt = onInterrupt();
  const written = new Written(new Duplicates(flags.duplicates ?? 0, new Random((flags.seed ?? 1) + 1)));
  try {
    await refuseMissingAccess(kafka, rules);
    await writer.connect();
    await write(feed, writer, written, flags, interrupt.signal);
  } catch (error) {
    throw kafkaTrouble(error, connection, rules);
  } finally {
    interrupt.release();
    await writer.disconnect();
  }
  const hasEnd = [flags.count, flags.duration, flags.replay].some((end) => end !== undefined);
  const interrupted = interrupt.signal.aborted && (hasEnd || flags.preset === 'late');
  const summary = { topic, ...written.figures(), interrupted };
  process.stdout.write(flags.json === true ? `${JSON.stringify(summary)}\n` : inWords(summary, flags));
  return interrupted ? EXIT.interrupted : EXIT.ok;
}

function feedOf(flags: GenerateFlags, layout: CodecOptions, startMs: number): Feed {
  const { replay, preset, speed, seed = 1 } = flags;
  if (replay !== undefined) return replayFeed(fileSource(replay), layout, speed ?? 1);
  if (speed !== undefined) throw usage('--speed is for --replay', 'Give --replay FILE, or --rate N.');
  const text = tradeText(layout);
  if (preset !== undefined) return presetFeed(preset, seed, startMs, text);
  const { symbols = 20, rate = 1_000, disorder: disorderMs = 0, lateShare = 0 } = flags;
  return marketFeed({ symbols, rate, disorderMs, lateShare, seed, firstMs: startMs }, text);
}

function mayWrite(name: string): AccessRule {
  return { resource: 'topic', name, pattern: 'literal', operation: 'Write', why: 'write trades' };
}

/** What has been written, and how fast. */
class Written {
  trades = 0;
  late = 0;
  bytes = 0;
  readonly duplicates: Duplicates;
  #startedMs = performance.now();
  #endedMs = performance.now();

  constructor(duplicates: Duplicates) {
    this.duplicates = duplicates;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  start(): void {
    this.#startedMs = performance.now();
  }

  end(): void {
    this.#endedMs = performance.now();
  }

  figures() {
    const seconds = (this.#endedMs - this.#startedMs) / 1000;
    const { trades, late, duplicates, bytes } = this;
    const tradesPerSecond = Math.round(trades / Math.max(seconds, 0.001));
    return {
      trades,
      late,
      duplicates: duplicates.count,
      bytes,
      seconds: Number(seconds.toFixed(3)),
      tradesPerSecond,
    };
  }
}

/**
 * A trade is written when it is due, whatever became of those before it: who falls behind writes larger batches until
 * all that is due is written, and no trade is left out or put off for it.
 */
async function write(
  feed: Feed,
  writer: TopicWriter,
  written: Written,
  { count = Infinity, duration = Infinity }: GenerateFlags,
  signal: AbortSignal,
): Promise<void> {
  const progress = progressLine(process.stderr, () => {
    const { bytes, totalBytes } = feed.progress() ?? { bytes: written.bytes, totalBytes: undefined };
    return { bytes, totalBytes, trades: written.trades };
  });
  written.start();
  try {
    while (!signal.aborted && written.trades < count) {
      const roundMs = written.elapsedMs;
      const due = await feed.due(
        Math.min(roundMs, duration - JUST_BEFORE_MS),
        Math.min(MOST_AT_ONCE, count - written.trades),
      );
      if (due === undefined) break;
      const records = written.duplicates.after(due);
      await writer.write(records);
      written.trades += due.length;
      for (const { value } of records) written.bytes += value.length;
      for (const { isLate } of due) if (isLate) written.late++;
      if (due.length === 0 && roundMs >= duration) break;
      if (due.length < MOST_AT_ONCE) await pause(roundMs + ROUND_MS - written.elapsedMs, signal);
    }
    await writer.write(written.duplicates.after([]));
    written.end();
  } finally {
    progress.stop();
  }
}

/** An abort ends it early, which is no failure. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}

function inWords(
  {
    topic,
    trades,
    late,
    duplicates,
    seconds,
    tradesPerSecond,
  }: ReturnType<Written['figures']> & { topic: string },
  { rate, replay, preset }: GenerateFlags,
): string {
  const count = (value: number): string => value.toLocaleString('en');
  const parts = [
    `${count(trades)} trades into ${topic}`,
    ...(late > 0 ? [`${count(late)} late`] : []),
    ...(duplicates > 0 ? [`${count(duplicates)} of them twice`] : []),
  ];
  const asked = replay === undefined && preset === undefined ? `, asked for ${count(rate ?? 1_000)}` : '';
  return `${parts.join(', ')}; ${seconds.toFixed(2)} s, ${count(tradesPerSecond)} trades/s${asked}\n`;
}

function usage(message: string, remedy: string): TidemarkError {
  return new TidemarkError('GENERATE_USAGE', message, remedy, { exitCode: EXIT.usage });
}

/** A duration of 1 s at 1,000 a second is 1,000 trades: the one at its very end is not in it. */
const JUST_BEFORE_MS = 1e-6;
/** Some hundred kilobytes: more at once would only make Ctrl-C wait. */
const MOST_AT_ONCE = 5_000;
/** Fine enough for eyes and windows, and rare enough that a request carries some records at high rates. */
const ROUND_MS = 10;
