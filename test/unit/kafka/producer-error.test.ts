import { expect, test } from '@jest/globals';
import { KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';
import { producerError } from '../../../src/kafka/producer-error.ts';

const refused = (type: string, message = type): Error =>
  new KafkaJSProtocolError(Object.assign(new Error(message), { type, code: 1, retriable: true }));

test.each([
  ['INVALID_PRODUCER_EPOCH', 'fenced'],
  ['CONCURRENT_TRANSACTIONS', 'retry'],
  ['NOT_COORDINATOR_FOR_GROUP', 'retry'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'retry'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'retry'],
  ['INVALID_TXN_STATE', 'retry'],
  ['INVALID_PRODUCER_ID_MAPPING', 'retry'],
  ['TOPIC_AUTHORIZATION_FAILED', 'fatal'],
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'fatal'],
  ['MESSAGE_TOO_LARGE', 'fatal'],
  ['OFFSET_METADATA_TOO_LARGE', 'fatal'],
  ['INVALID_TOPIC_EXCEPTION', 'fatal'],
])('%s is %s, also where kafkajs has wrapped it', (type, kind) => {
  const error = refused(type);
  const wrapped = new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 30 });
  const bailed = Object.assign(new KafkaJSNonRetriableError(error), { cause: error });
  for (const thrown of [error, wrapped, bailed]) {
    expect(producerError('p-stocks-0', thrown)).toMatchObject({ kind, cause: thrown });
    expect(producerError('p-stocks-0', thrown).message).toBe(`Producer p-stocks-0: ${type}.`);
  }
});

test('PRODUCER_FENCED, which kafkajs does not know by name', () => {
  const error = refused('KAFKAJS_UNKNOWN_ERROR_CODE', 'Unknown error code 90');
  expect(producerError('p', error).kind).toBe('fenced');
});

test('a lost connection is worth another try, a mistake in the program is not', () => {
  expect(producerError('p', new Error('Connection error: read ECONNRESET')).kind).toBe('retry');
  expect(producerError('p', new TypeError('x is not a function')).kind).toBe('fatal');
});
