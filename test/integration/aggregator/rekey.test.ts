import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { groupProgress } from '../../../src/kafka/topic-admin.ts';
import { expectedRekeyed } from '../../support/expected-rekeyed.ts';
import { rejectedPlaces, writtenResults } from '../../support/expected-results.ts';
import { Fleets } from '../../support/fleets.ts';
import { tidemark } from '../../support/tidemark.ts';
import { readTopic, withAdmin, type PrintedRecord } from '../../support/topics.ts';
import { LAST_TRADE, unkeyedRecord, unkeyedRecords, writeUnkeyed } from '../../support/unkeyed-trades.ts';
import { until } from '../../support/until.ts';

/** A million for a thorough run: TIDEMARK_UNKEYED_TRADES=1000000. */
const TRADES = Number(process.env.TIDEMARK_UNKEYED_TRADES ?? 120_000);
const PARTITIONS = 6;
/** So that the aggregators are killed several times whatever the number. */
const WRITTEN_WITHIN_S = TRADES > 500_000 ? 60 : 12;

const fleets = new Fleets();

test('trades without keys over 6 partitions, 20 s apart, through three aggregators that are killed in turn: exact', async () => {
  const { brokers } = fleets;
  // The clock has no part in it: the last trade of each partition closes all windows.
  const fleet = await fleets.create({
    name: 'unkeyed',
    partitions: PARTITIONS,
    rekey: true,
    delay: '1s',
    idleAfter: '10m',
  });
  fleet.start(3);
  await fleet.processing(2 * PARTITIONS);
  const watch = await fleets.watch('unkeyed_averages');
  const count = Math.ceil(TRADES / PARTITIONS);
  const records = Array.from({ length: PARTITIONS }, (_, partition) => [
    ...unkeyedRecords(partition, { count, perSecond: count / 100, skewMs: 20_000 }),
    unkeyedRecord([LAST_TRADE]),
  ]);
  const writing = writeUnkeyed(brokers, 'unkeyed', records, TRADES / WRITTEN_WITHIN_S);
  const kills = await fleet.killUntil(writing);
  expect(kills).toBeGreaterThanOrEqual(3);

  const expected = expectedRekeyed(records, { sizeMs: 3_000, slideMs: 1_000, delayMs: 1_000 });
  await watch.counts(expected.results.size, 90_000);
  await fleet.scaleTo(0);
  const [results, late, dead] = await Promise.all(
    ['averages', 'late', 'dead'].map((topic) => readTopic(brokers, `unkeyed_${topic}`)),
  );
  expect(writtenResults(results)).toEqual(expected.results);
  expect(timesByPlace(late)).toEqual(expected.late);
  expect(rejectedPlaces(dead)).toEqual(expected.dead);
  expect(expected.late.size).toBeGreaterThan(0);
}, 400_000);

test('the last windows close with no further trade, and a partition that never had one holds nobody up', async () => {
  const { brokers } = fleets;
  const fleet = await fleets.create({
    name: 'last',
    partitions: 3,
    rekey: true,
    delay: '1s',
    idleAfter: '2s',
  });
  fleet.start();
  await fleet.processing(6);
  const watch = await fleets.watch('last_averages');
  // The last of one partition is a minute ahead of the other's.
  const trades = [0, 30_000, 60_000].map((ms) =>
    unkeyedRecord([{ ...LAST_TRADE, timeMs: LAST_TRADE.timeMs + ms }]),
  );
  await writeUnkeyed(brokers, 'last', [trades, [trades[0]], []], 1_000);
  await watch.counts(9, 60_000);
  await fleet.scaleTo(0);
  const results = writtenResults(await readTopic(brokers, 'last_averages'));
  expect([...results.values()].map((value) => (JSON.parse(value) as { count: number }).count)).toEqual([
    ...[2, 2, 2],
    ...[1, 1, 1],
    ...[1, 1, 1],
  ]);
});

test('a dead aggregator is removed from both groups at once', async () => {
  const { brokers } = fleets;
  const fleet = await fleets.create({
    name: 'evicted',
    partitions: 2,
    rekey: true,
    delay: '1s',
    idleAfter: '10m',
  });
  fleet.start(2);
  await fleet.processing(4);
  const { instance } = await fleet.killOldest();
  const { stdout } = await tidemark(['evict', 'evicted', instance, '--json', '--brokers', brokers.join(',')]);
  expect(JSON.parse(stdout)).toEqual({
    removed: [expect.stringContaining(instance), expect.stringContaining(instance)],
  });
  await fleet.processing(4);
});

test('the topic between the stages is made with the others, and checked', async () => {
  const brokers = ['--brokers', fleets.brokers.join(',')];
  const file = join(fleets.folder, 'made.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: made }
spec:
  kafka: { bootstrapServers: '${fleets.brokers.join(',')}' }
  redis: { url: '${fleets.redisUrl}' }
  input: { topic: made, partitions: 3, rekey: true }
  output: { topic: made_averages }
  windows: [ { size: 1h } ]
  watermark: { delay: 1m, idleAfter: 1m }
`,
  );
  const created = await tidemark(['topics', 'create', '--pipeline', file]);
  expect(created.stdout).toBe('created made\ncreated tidemark.made.rekeyed\ncreated made_averages\n');
  const described = await tidemark(['topics', 'describe', 'tidemark.made.rekeyed', '--json', ...brokers]);
  expect(JSON.parse(described.stdout)).toMatchObject({
    partitions: [{}, {}, {}],
    config: { 'retention.ms': String(4 * 86_400_000 + 3_600_000 + 60_000) },
  });
  expect(await tidemark(['check', file])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('topic tidemark.made.rekeyed: has 3 partitions'),
  });
});

test('without re-keying, a symbol that two processes have in different partitions is told of', async () => {
  const { brokers } = fleets;
  const fleet = await fleets.create({ name: 'split', partitions: 2, delay: '1s', idleAfter: '1s' });
  const instances = fleet.start(2);
  await fleet.processing();
  const record = (value: string) => ({ value, trades: [] });
  const [apart, shared] = ['ANZ,BUY ,1.50,1,1534848938000,x', 'AMC,BUY ,1.50,1,1534848938000,x'].map(record);
  await writeUnkeyed(brokers, 'split', [[apart, shared], [shared]], 100);

  await until('it is counted', async () => {
    const pages = await Promise.all(instances.map((each) => each.page('metrics')));
    return pages.some((page) => /^tidemark_split_symbols\{partition="\d"\} 1$/m.test(page));
  });
  const logged = instances.flatMap(({ log }) => log.split('\n').filter((line) => line.includes('"symbol"')));
  expect(logged).toEqual([expect.stringMatching(/"symbol":"AMC".*trades in two partitions/)]);
  // What the operator reads for the condition.
  const progress = await until('it is committed', () =>
    withAdmin(brokers, async (admin) => {
      const { split } = await groupProgress(admin, 'tidemark.split', 'split');
      return split;
    }),
  );
  expect(progress).toMatchObject({ count: 1, symbol: 'AMC' });
  expect([...progress.partitions].sort()).toEqual([0, 1]);
});

/** How often each record of the input is told of; all of them are. */
function timesByPlace(records: readonly PrintedRecord[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { value } of records) {
    const { topic, partition, offset } = JSON.parse(value ?? '') as Record<string, string | number>;
    if (topic !== 'unkeyed') throw new Error(`A trade was late behind the first stage: ${value ?? ''}`);
    const place = `${partition}/${offset}`;
    times.set(place, (times.get(place) ?? 0) + 1);
  }
  return times;
}
