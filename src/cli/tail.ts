import { pino } from 'pino';
import { refuseMissingAccess } from '../kafka/access-check.ts';
import type { AccessRule } from '../kafka/access-rules.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { kafkaTrouble } from '../kafka/kafka-trouble.ts';
import { startOffsets, type PartitionStart } from '../kafka/start-offsets.ts';
import { readTopic, type TopicPiece } from '../kafka/topic-reader.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { Serial } from '../pipeline/serial.ts';
import { countText } from '../sink/for-eyes.ts';
import { Outlet } from '../sink/outlet.ts';
import { onInterrupt } from './interrupt.ts';
import { namedTopic } from './named-topic.ts';
import type { TailFlags } from './tail-command.ts';
import { JsonView, LiveView, type TailView } from './tail-views.ts';

/** Shows a topic until the end that was asked for, Ctrl-C, or until nobody reads; returns the code to exit with. */
export async function tail(file: string | undefined, flags: TailFlags): Promise<number> {
  const { connection, topic, pipeline } = await namedTopic(file, flags, 'output');
  const logger = pino({ level: 'silent' }); // what goes wrong is told once, as the error
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-tail', logger, retries: 3 });
  const rules = [mayRead(topic)];
  const interrupt = onInterrupt();
  try {
    await refuseMissingAccess(kafka, rules);
    const starts = chosen(await startOffsets(kafka, topic, flags.from ?? { kind: 'end' }), flags, topic);
    const outlet = new Outlet(process.stdout, 'stdout');
    const isLive = process.stdout.isTTY && flags.json !== true;
    const status = (): string => `${topic}: ${countText(tailed.records)} records; Ctrl-C ends`;
    const view = isLive ? new LiveView(pipeline, process.stdout, status) : new JsonView(pipeline, outlet);
    const tailed = new Tailed(view, starts, flags);
    const signal = AbortSignal.any([interrupt.signal, outlet.closed, tailed.over]);
    try {
      await readTopic(
        kafka,
        {
          topic,
          from: new Map(starts.map(({ partition, offset }) => [partition, offset])),
          uncommitted: flags.uncommitted === true,
          onPiece: (piece) => tailed.take(piece),
        },
        signal,
      );
    } finally {
      await view.finish();
    }
  } catch (error) {
    throw kafkaTrouble(error, connection, rules);
  } finally {
    interrupt.release();
  }
  return EXIT.ok;
}

function mayRead(name: string): AccessRule {
  return { resource: 'topic', name, pattern: 'literal', operation: 'Read', why: 'show it' };
}

function chosen(
  all: readonly PartitionStart[],
  { partition }: TailFlags,
  topic: string,
): readonly PartitionStart[] {
  if (partition === undefined) return all;
  const found = all.filter((each) => each.partition === partition);
  if (found.length > 0) return found;
  throw new TidemarkError(
    'TAIL_PARTITION',
    `${topic} has no partition ${partition}; it has ${all.length}, from 0 on`,
    `Give --partition 0 to ${all.length - 1}, or leave it out.`,
    { exitCode: EXIT.usage },
  );
}

/** Knows when enough has been shown. */
class Tailed {
  records = 0;
  readonly #view: TailView;
  readonly #flags: TailFlags;
  readonly #over = new AbortController();
  /** Brokers answer side by side, and only so many records may be shown. */
  readonly #turns = new Serial();
  /** By partition, those that are not read to where they are to be. */
  readonly #ends: Map<number, number>;

  constructor(view: TailView, starts: readonly PartitionStart[], flags: TailFlags) {
    this.#view = view;
    this.#flags = flags;
    this.#ends = new Map(
      starts
        .map(({ partition, endOffset }) => [partition, flags.follow ? Infinity : endOffset] as const)
        .filter(([, end], i) => end > starts[i].offset),
    );
    this.#endIfEnough();
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  take(piece: TopicPiece): Promise<void> {
    return this.#turns.run(() => this.#take(piece));
  }

  async #take({ partition, records, nextOffset }: TopicPiece): Promise<void> {
    const end = this.#ends.get(partition);
    if (end === undefined || this.over.aborted) return;
    const { symbol, limit = Infinity } = this.#flags;
    const until = records.findIndex(({ offset }) => offset >= end);
    const most = limit - this.records;
    this.records += await this.#view.show(until === -1 ? records : records.slice(0, until), { symbol, most });
    if (nextOffset >= end) this.#ends.delete(partition);
    this.#endIfEnough();
  }

  #endIfEnough(): void {
    const { limit = Infinity } = this.#flags;
    if (this.records >= limit || this.#ends.size === 0) this.#over.abort();
  }
}
