import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { NO_METADATA } from '../../../src/pipeline/offset-metadata.ts';
import { PartitionState, type StateOptions } from '../../../src/pipeline/partition-state.ts';
import { checkpointKeys } from '../../../src/redis/checkpoint-keys.ts';
import { TradeBatch } from '../../../src/trade/trade-batch.ts';
import { CODEC } from '../../support/decode.ts';
import { startRedis } from '../../support/redis-server.ts';
import { RedisStores } from '../../support/redis-stores.ts';
import { Tidemark, type Finished } from '../../support/tidemark.ts';

const redis = await startRedis({ own: true });
const stores = new RedisStores(redis.url);
const { client } = stores;

afterAll(async () => {
  await stores.close();
  await redis.stop();
});

const OPTIONS: StateOptions = {
  windows: {
    windows: [
      { kind: 'time', sizeMs: 3_000, slideMs: 1_000 },
      { kind: 'count', trades: 2, every: 1 },
    ],
    delayMs: 5_000,
    emit: 'final',
    scale: { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: true },
  },
  codec: CODEC,
};
const START = Date.UTC(2018, 7, 21, 20, 55, 38);

/** What an aggregator would have saved of these trades. */
async function save(pipeline: string, partition: number, trades: readonly string[]): Promise<void> {
  const state = new PartitionState(OPTIONS, NO_METADATA, 0);
  const batch = new TradeBatch();
  for (const trade of trades) state.codec.decode(Buffer.from(trade), 0, trade.length, batch);
  state.fold({
    trades: batch,
    offsets: Float64Array.from(trades, (_, i) => i),
  });
  const store = stores.open({ pipeline });
  await store.save(partition, 12n, state.takeCheckpoint(trades.length, true));
}

beforeEach(async () => {
  await client.flushall();
  await save('stocks', 2, [`MSFT,BUY ,1.5,7,${START}`]);
  await save('stocks', 10, [
    `AMC,BUY ,626.05,141,${START + 300}`,
    `AMC,SELL,626.10,9,${START + 999}`,
    `AMC,SELL,600,1,${START + 2_000}`,
    `ANZ,SELL,28.15,1,${START + 2_500}`,
  ]);
  await save('bonds', 0, [`X,BUY ,1,1,${START}`]);
});

function state(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Tidemark(['state', ...args], { env: { TIDEMARK_REDIS_URL: redis.url, ...env } }).finished;
}

test('a pipeline: a row for each partition that has a checkpoint', async () => {
  const { code, stdout, stderr } = await state(['stocks']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [title, , head, ...rows] = stdout.trimEnd().split('\n');
  expect(title).toBe('stocks');
  expect(head).toMatch(/^partition +offset +watermark, UTC +saved +epoch +panes +symbols +bytes$/);
  expect(rows).toEqual([
    expect.stringMatching(/^2 +1 +2018-08-21 20:55:33\.000 +\d+\.\d s ago +12 +1 +1 +\d+$/),
    expect.stringMatching(/^10 +4 +2018-08-21 20:55:35\.500 +\d+\.\d s ago +12 +2 +2 +\d+$/),
  ]);
});

test('a pipeline as JSON, one partition alone', async () => {
  const { stdout } = await state(['stocks', '--partition', '10', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    pipeline: 'stocks',
    partitions: [
      {
        partition: 10,
        offset: 4,
        watermark: START - 2_500,
        savedAt: expect.any(Number),
        ageMs: expect.any(Number),
        epoch: 12,
        panes: 2,
        symbols: 2,
        bytes: expect.any(Number),
      },
    ],
  });
});

test('a symbol: its open panes with prices as they came, and its last trades', async () => {
  const { code, stdout, stderr } = await state(['stocks', 'AMC']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replace(/\d+\.\d s ago/, '0.1 s ago')).toBe(`AMC in partition 10 of stocks
offset 4, watermark 2018-08-21 20:55:35.500 UTC, saved 0.1 s ago

pane from, UTC           count  average     min    max      sum  volume
2018-08-21 20:55:38.000      2  626.075  626.05  626.1  1252.15     150
2018-08-21 20:55:40.000      1      600     600    600      600       1

the last 2 trades, every 1: 2 of 3 are kept
trade at, UTC            price  quantity
2018-08-21 20:55:38.999  626.1         9
2018-08-21 20:55:40.000    600         1
`);
});

test('a symbol as JSON', async () => {
  const { stdout } = await state(['stocks', 'AMC', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    pipeline: 'stocks',
    symbol: 'AMC',
    partitions: [
      {
        partition: 10,
        offset: 4,
        panes: [
          {
            start: START,
            end: START + 1_000,
            count: 2,
            average: 626.075,
            min: 626.05,
            max: 626.1,
            sum: 1252.15,
            volume: 150,
          },
          { start: START + 2_000, count: 1, average: 600 },
        ],
        tails: [
          {
            window: { trades: 2, every: 1 },
            seen: 3,
            trades: [
              { time: START + 999, price: 626.1, quantity: 9 },
              { time: START + 2_000, price: 600, quantity: 1 },
            ],
          },
        ],
      },
    ],
  });
});

test('partitions are found among many other keys', async () => {
  const others = client.pipeline();
  for (let i = 0; i < 5_000; i++) others.set(`session:${i}`, '');
  await others.exec();
  const { stdout } = await state(['bonds', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ partitions: [{ partition: 0 }] });
});

test('a partition whose checkpoint cannot be used is told with the reason, beside the others', async () => {
  const [head] = checkpointKeys('stocks', 2);
  await client.hset(head, 'layout', '9');
  const { code, stdout } = await state(['stocks']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^10 +4 /m);
  expect(stdout).toMatch(/^partition 2: .*Its layout is 9, not 1\.$/m);
});

test.each([
  [['bnods'], 'the pipeline bnods has no checkpoint', 'Pipelines that have one: bonds, stocks.'],
  [['stocks', '--partition', '3'], 'partition 3 of stocks has no checkpoint', 'Those that have one: 2, 10.'],
  [['stocks', 'AMD'], 'AMD is in no open pane of stocks', 'Symbols that are: AMC, ANZ, MSFT.'],
])('what is not there is told with what is: %j', async (args, message, remedy) => {
  const { code, stdout, stderr } = await state(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    expect.stringContaining(`tidemark: ${message}`),
    expect.stringContaining(remedy),
    '',
  ]);
});

test('an empty Redis: perhaps another one is meant', async () => {
  await client.flushall();
  const { code, stderr } = await state(['stocks']);
  expect(code).toBe(1);
  expect(stderr).toContain('is it the Redis that the aggregators use');
});

test('a Redis that cannot be reached is told with its address', async () => {
  const { code, stdout, stderr } = await state(['stocks', '--redis', 'redis://me:s3cret@127.0.0.1:1']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^tidemark: Redis at 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*\n {2}Check --redis/,
  );
  expect(stderr).not.toContain('s3cret');
});

test.each([
  ['no Redis', ['stocks'], { TIDEMARK_REDIS_URL: '' }],
  ['an address that is none', ['stocks', '--redis', 'redis//me:s3cret@host'], {}],
  ['a partition that is no number', ['stocks', '--partition', 'x'], {}],
  ['no pipeline', [], {}],
])('a wrong command line ends with 2: %s', async (_, args, env) => {
  const { code, stderr } = await state(args, env);
  expect(code).toBe(2);
  expect(stderr).not.toContain('s3cret');
});

test('a login is taken from the address or from the environment, and a password is never printed', async () => {
  await client.call(
    'ACL',
    'SETUSER',
    'reader',
    'on',
    '>s3cr:et%',
    '~tidemark:*',
    '+@read',
    '+@scripting',
    '+ping',
  );
  const address = (login: string): string => redis.url.replace('//', `//${login}@`);
  const inside = await state(['stocks', '--redis', address('reader:s3cr%3Aet%25')]);
  expect(inside).toMatchObject({ code: 0, stderr: '' });
  const outside = await state(['stocks', 'AMC'], {
    TIDEMARK_REDIS_USERNAME: 'reader',
    TIDEMARK_REDIS_PASSWORD: 's3cr:et%',
  });
  expect(outside).toMatchObject({ code: 0, stderr: '' });

  const refused = await state(['stocks', '--redis', address('reader:wr0ng')], { TIDEMARK_DEBUG: '1' });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('refused the login');
  expect(refused.stderr).not.toContain('wr0ng');
  const help = await state(['--help'], { TIDEMARK_REDIS_URL: address('reader:wr0ng') });
  expect(help).toMatchObject({ code: 0, stdout: expect.not.stringContaining('wr0ng') });
});
