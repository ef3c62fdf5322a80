import { beforeEach, expect, test } from '@jest/globals';
import type { FetchedPiece, OutgoingRecord } from '../../../src/pipeline/partition-ports.ts';
import type { PartitionWork } from '../../../src/pipeline/partition-work.ts';
import { rekeyStage } from '../../../src/pipeline/rekey-stage.ts';
import { parseProgress } from '../../../src/pipeline/source-progress.ts';
import { NO_OBSERVER } from '../../../src/pipeline/task-observer.ts';
import { CODEC } from '../../support/decode.ts';
import { MemoryBroker, MemoryLog } from '../../support/memory-log.ts';

/** Windows of 3 s every second, so that what is told of a source is told second by second; a delay of 1 s. */
const WINDOWS = [{ kind: 'time', sizeMs: 3_000, slideMs: 1_000 }] as const;
const NOTHING = (): void => undefined;
const LOGGER = { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };

let broker: MemoryBroker;
beforeEach(() => {
  broker = new MemoryBroker();
});

/** An owner of input partition 0, which stands for source 0. */
class Owner {
  readonly log = new MemoryLog(broker);
  readonly failures: unknown[] = [];
  work!: PartitionWork;
  #position = 0;

  async start(): Promise<this> {
    const stage = rekeyStage({
      ...{ topic: 'trades', codec: CODEC, windows: WINDOWS, delayMs: 1_000, log: this.log },
      ...{ observer: NO_OBSERVER, logger: LOGGER, nowMs: () => 0 },
    });
    const listener = { onCommit: NOTHING, onFailure: (error: unknown) => this.failures.push(error) };
    this.work = await stage(0, listener);
    this.#position = this.work.from;
    this.log.seek(0, this.#position);
    return this;
  }

  /** Takes what there is, and commits it. */
  async read(): Promise<void> {
    await this.log.deliver(
      {
        take: (_partition, piece) => {
          this.work.process(piece, this.#position);
          this.#position = piece.nextOffset;
          return Promise.resolve();
        },
        reachedEnd: NOTHING,
      },
      1_000,
      0,
    );
    await this.commit();
  }

  async commit(): Promise<void> {
    this.work.committer.advanceTo(this.#position);
    await this.work.committer.flush();
  }
}

function trade(symbol: string, timeMs: number): { key: null; value: string } {
  return { key: null, value: `${symbol},BUY ,1.50,1,${timeMs},` };
}

/** `AMC 2000` for a trade, `told 1000` for progress, with `idle` where the source is. */
function written(records: readonly OutgoingRecord[] = broker.results): string[] {
  return records.map(({ key, value, toAll }) => {
    const text = Buffer.from(value).toString();
    if (toAll !== true) return `${String(key)} ${text.split(',')[4]}`;
    const told = parseProgress(text);
    return `told ${told?.source === 0 ? told.watermarkMs : 'of another'}${told?.isIdle === true ? ' idle' : ''}`;
  });
}

test('a trade goes out as it came under its symbol, and behind them how far the source is, second by second', async () => {
  const owner = await new Owner().start();
  broker.append([trade('AMC', 2_100), trade('ANZ', 4_900)]);
  await owner.read();
  broker.append([trade('AMC', 4_950)]);
  await owner.read();
  broker.append([trade('AMC', 5_000)]);
  await owner.read();
  expect(written()).toEqual([
    ...['told -Infinity', 'AMC 2100', 'ANZ 4900', 'told 3000'],
    ...['AMC 4950', 'AMC 5000', 'told 4000'],
  ]);
  expect(Buffer.from(broker.results[1].value).toString()).toBe('AMC,BUY ,1.50,1,2100,');
  expect(broker.committed?.offset).toBe(4);
});

test('a trade behind the watermark of its own source is late, with its place in the input', async () => {
  const owner = await new Owner().start();
  broker.append([trade('AMC', 9_000), trade('ANZ', 8_000), trade('ANZ', 7_999)]);
  await owner.read();
  expect(written()).toEqual(['told -Infinity', 'AMC 9000', 'ANZ 8000', 'told 8000']);
  expect(broker.late.map(({ key, value }) => [key, JSON.parse(String(value)) as unknown])).toEqual([
    [
      'ANZ',
      expect.objectContaining({ topic: 'trades', partition: 0, offset: 2, time: 7_999, watermark: 8_000 }),
    ],
  ]);
});

test('what is no trade is a dead letter of the input, with its place there', async () => {
  const owner = await new Owner().start();
  broker.append([trade('AMC', 9_000), { key: 'k', value: 'no trade' }]);
  await owner.read();
  expect(
    broker.deadLetters.map(({ key, value }) => [
      Buffer.from(key ?? '').toString(),
      JSON.parse(String(value)) as unknown,
    ]),
  ).toEqual([
    ['k', expect.objectContaining({ topic: 'trades', partition: 0, offset: 1, value: 'no trade' })],
  ]);
});

test('the next owner goes on at the committed offset, with the watermark there, and tells it', async () => {
  const first = await new Owner().start();
  broker.append([trade('AMC', 9_000)]);
  await first.read();
  const second = await new Owner().start();
  broker.append([trade('ANZ', 7_999), trade('ANZ', 8_000)]);
  await second.read();
  expect(written()).toEqual(['told -Infinity', 'AMC 9000', 'told 8000', 'told 8000', 'ANZ 8000']);
  expect(broker.late).toHaveLength(1);
});

test('an owner that was fenced writes nothing more', async () => {
  const first = await new Owner().start();
  await new Owner().start();
  broker.append([trade('AMC', 9_000)]);
  await first.read();
  expect(first.failures).toEqual([expect.objectContaining({ kind: 'fenced' })]);
  expect(written()).toEqual(['told -Infinity', 'told -Infinity']);
});

test('a commit that failed and did not take effect: the next owner passes the same trades on, once', async () => {
  const first = await new Owner().start();
  broker.append([trade('AMC', 9_000)]);
  broker.nextFailure = { kind: 'retry', takesEffect: false };
  await first.read();
  await (await new Owner().start()).read();
  expect(written()).toEqual(['told -Infinity', 'told -Infinity', 'AMC 9000', 'told 8000']);
});

test('in silence the watermark goes on as the clock does until all windows have closed, and a trade ends it', async () => {
  const owner = await new Owner().start();
  broker.append([trade('AMC', 9_000)]);
  await owner.read();
  for (const silentMs of [500, 1_500, 60_000, 90_000]) {
    owner.work.idle(silentMs);
    await owner.commit();
  }
  broker.append([trade('ANZ', 14_000)]);
  await owner.read();
  expect(written()).toEqual([
    ...['told -Infinity', 'AMC 9000', 'told 8000'],
    ...['told 8000 idle', 'told 9000 idle', 'told 13000 idle'], // 8 s, the delay, a window and a second
    ...['told 13000', 'ANZ 14000'],
  ]);
});

test('a source that never had a trade is idle too', async () => {
  const owner = await new Owner().start();
  owner.work.idle(5_000);
  await owner.commit();
  expect(written()).toEqual(['told -Infinity', 'told -Infinity idle']);
});

test('a trade takes the headers of its record along, each of several too; a tombstone is no trade', async () => {
  const owner = await new Owner().start();
  const headers = [{ key: 'traceparent', value: Buffer.from('00-1-2-01') }];
  const lines = `${trade('AMC', 9_000).value}\n${trade('ANZ', 7_999).value}\n${trade('ANZ', 8_000).value}`;
  broker.append([
    { key: 'AMC', value: null },
    { key: null, value: lines, headers },
  ]);
  await owner.read();
  expect(written()).toEqual(['told -Infinity', 'AMC 9000', 'ANZ 8000', 'told 8000']);
  expect(broker.results.map((each) => each.headers)).toEqual([undefined, headers, headers, undefined]);
  expect(broker.late.map((each) => each.headers)).toEqual([headers]);
  expect(broker.deadLetters).toEqual([]);
});

test('a record whose schema is not known yet is not passed over: it is told which, and where', async () => {
  const codec = { ...CODEC, format: 'avro', schemas: { get: () => undefined } } as const;
  const stage = rekeyStage({
    ...{ topic: 'trades', codec, windows: WINDOWS, delayMs: 1_000, log: new MemoryLog(broker) },
    ...{ observer: NO_OBSERVER, logger: LOGGER, nowMs: () => 0 },
  });
  const work = await stage(0, { onCommit: NOTHING, onFailure: NOTHING });
  const log = new MemoryLog(broker);
  broker.append([
    { key: null, value: null },
    { key: null, value: '', bytes: Uint8Array.of(0, 0, 0, 0, 7, 1) },
  ]);
  const needed: unknown[] = [];
  const take = (_partition: number, piece: FetchedPiece): Promise<void> => {
    needed.push(work.process(piece, 0));
    return Promise.resolve();
  };
  await log.deliver({ take, reachedEnd: NOTHING }, 10, 0);
  expect(needed).toEqual([{ schemaId: 7, offset: 1 }]);
});
