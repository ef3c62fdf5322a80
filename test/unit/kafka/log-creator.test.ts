import { expect, test } from '@jest/globals';
import { logLevel } from 'kafkajs';
import { kafkajsLogs } from '../../../src/kafka/log-creator.ts';
import type { Logger } from '../../../src/kafka/log-creator.ts';

const LEVELS = { error: logLevel.ERROR, warn: logLevel.WARN, info: logLevel.INFO, debug: logLevel.DEBUG };

function logged(level: keyof typeof LEVELS, message: string, extra: object = {}): unknown[] {
  const entries: unknown[] = [];
  const take =
    (at: keyof Logger) =>
    (fields: object, text: string): void => {
      entries.push(at, fields, text);
    };
  const logger: Logger = {
    debug: take('debug'),
    info: take('info'),
    warn: take('warn'),
    error: take('error'),
  };
  kafkajsLogs(logger)(logLevel.DEBUG)({
    namespace: 'Consumer',
    level: LEVELS[level],
    label: level.toUpperCase(),
    log: { timestamp: '2026-01-01T00:00:00.000Z', logger: 'kafkajs', message, ...extra },
  });
  return entries;
}

test.each<[keyof typeof LEVELS, string, object, string]>([
  ['error', 'Response AddOffsetsToTxn(key: 25, version: 1)', { error: 'x', size: 10 }, 'debug'],
  ['error', 'Connection error: connect ECONNREFUSED', {}, 'debug'],
  ['error', 'Failed to send messages: x', { retryCount: 0, retryTime: 30 }, 'debug'],
  ['error', 'This server does not host this topic-partition', { retryCount: 1, retryTime: 30 }, 'debug'],
  ['warn', 'The group is rebalancing, re-joining', {}, 'debug'],
  ['error', 'The coordinator is not aware of this member, re-joining the group', {}, 'warn'],
  ['error', 'Crash: KafkaJSNumberOfRetriesExceeded: Closed connection', { retryCount: 12 }, 'error'],
  ['error', 'Restarting the consumer in 3000ms', { retryCount: 12 }, 'warn'],
  ['error', 'Offset out of range, resetting to default offset', {}, 'error'],
  ['info', 'Consumer has joined the group', {}, 'info'],
  ['warn', 'Response without match', {}, 'warn'],
  ['debug', 'Request Fetch(key: 1, version: 11)', {}, 'debug'],
])('%s "%s" %j is logged at %s', (level, message, extra, expected) => {
  expect(logged(level, message, extra)[0]).toBe(expected);
});

test('fields are kept; the timestamp and the library’s name are left to the logger', () => {
  expect(logged('info', 'Consumer has joined the group', { groupId: 'g' })).toEqual([
    'info',
    { part: 'Consumer', groupId: 'g' },
    'Consumer has joined the group',
  ]);
});
