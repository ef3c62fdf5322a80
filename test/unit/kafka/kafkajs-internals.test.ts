import { expect, test } from '@jest/globals';
import { Kafka } from 'kafkajs';
import { clusterFactory, internals, refuseOtherVersion } from '../../../src/kafka/kafkajs-internals.ts';

test('the installed kafkajs is the one whose internals were read', () => {
  expect(internals().fetch.versions).toContain('11');
  expect(typeof internals().RequestQueue.prototype.scheduleCheckPendingRequests).toBe('function');
  const { create } = clusterFactory(new Kafka({ brokers: ['127.0.0.1:1'] }));
  expect(typeof create).toBe('function');
});

test('any other version is refused with what to do', () => {
  expect(() => {
    refuseOtherVersion('2.2.5');
  }).toThrow(expect.objectContaining({ code: 'KAFKAJS_VERSION', remedy: expect.stringContaining('2.2.4') }));
});
