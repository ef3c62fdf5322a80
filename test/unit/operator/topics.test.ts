import { expect, test } from '@jest/globals';
import { decideTopics, type SeenTopic, type WantedTopic } from '../../../src/operator/topics.ts';

const input = (partitions?: number): WantedTopic => ({ role: 'input', name: 'stocks', partitions });
const output = (partitions?: number): WantedTopic => ({
  role: 'output',
  name: 'stocks_averages',
  partitions,
});
const seen = (topics: Record<string, SeenTopic>): Map<string, SeenTopic> => new Map(Object.entries(topics));

test('topics that are missing are created, with as many partitions as the input is to have', () => {
  const { create, grow, finding } = decideTopics([input(4), output(4)], seen({}), false);
  expect(create).toEqual([input(4), output(4)]);
  expect(grow).toEqual([]);
  expect(finding).toMatchObject({ status: 'False', reason: 'Creating' });
});

test('topics that exist are left as they are, also with more partitions than were asked for', () => {
  const there = seen({
    stocks: { partitions: 6, isEmpty: false },
    stocks_averages: { partitions: 1, isEmpty: false },
  });
  expect(decideTopics([input(4), output(4)], there, false)).toEqual({
    create: [],
    grow: [],
    finding: {
      status: 'True',
      reason: 'TopicsExist',
      message: 'there are stocks (6 partitions), stocks_averages (1 partitions)',
    },
  });
});

test('an input with trades does not grow, and the condition says what to do', () => {
  const there = seen({
    stocks: { partitions: 4, isEmpty: false },
    stocks_averages: { partitions: 4, isEmpty: false },
  });
  const { grow, finding } = decideTopics([input(8), output(8)], there, false);
  expect(grow).toEqual([]);
  expect(finding).toMatchObject({ status: 'False', reason: 'PartitionGrowthMovesKeys' });
  expect(finding.message).toContain('stocks keeps its 4 partitions');
  expect(finding.message).toContain('tidemark.dev/partition-growth=allow');
});

test('an input without a trade yet grows, and one with trades when a person has allowed it', () => {
  const empty = seen({
    stocks: { partitions: 4, isEmpty: true },
    stocks_averages: { partitions: 4, isEmpty: true },
  });
  const full = seen({
    stocks: { partitions: 4, isEmpty: false },
    stocks_averages: { partitions: 4, isEmpty: false },
  });
  expect(decideTopics([input(8), output(8)], empty, false).grow).toEqual([{ name: 'stocks', partitions: 8 }]);
  expect(decideTopics([input(8), output(8)], full, true).grow).toEqual([{ name: 'stocks', partitions: 8 }]);
});

test('a growth that is refused does not keep a missing topic from being created', () => {
  const there = seen({ stocks: { partitions: 4, isEmpty: false } });
  const { create, finding } = decideTopics([input(8), output(8)], there, false);
  expect(create.map(({ name }) => name)).toEqual(['stocks_averages']);
  expect(finding.reason).toBe('PartitionGrowthMovesKeys');
});

test('an input that is re-keyed grows while it has trades, for no symbol moves by it; the topic between stays', () => {
  const there = seen({
    stocks: { partitions: 4, isEmpty: false },
    'tidemark.stocks.rekeyed': { partitions: 4, isEmpty: false },
  });
  const between: WantedTopic = { role: 'rekeyed', name: 'tidemark.stocks.rekeyed', partitions: 8 };
  const { grow, finding } = decideTopics([{ ...input(8), isRekeyed: true }, between], there, false);
  expect(grow).toEqual([{ name: 'stocks', partitions: 8 }]);
  expect(finding.status).toBe('True');
});
