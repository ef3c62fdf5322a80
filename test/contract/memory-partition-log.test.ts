import type { LogReader, OutgoingRecord } from '../../src/pipeline/partition-ports.ts';
import { MemoryBroker, MemoryLog } from '../support/memory-log.ts';
import { partitionLogContract, type WrittenRecord } from './partition-log.contract.ts';

partitionLogContract('memory', () => {
  const broker = new MemoryBroker();
  let member: { readonly log: MemoryLog; readonly reader: LogReader } | undefined;
  return Promise.resolve({
    join: (readerOf) => {
      const log = new MemoryLog(broker);
      const reader = readerOf(log);
      member = { log, reader };
      reader.assign([0]);
      return Promise.resolve(log);
    },
    leave: () => {
      member = undefined;
      return Promise.resolve();
    },
    append: (records) => {
      broker.append(records);
      return Promise.resolve();
    },
    written: (kind) => Promise.resolve(broker[kind].map(asWritten)),
    until: async (what, condition) => {
      for (let turn = 0; turn < 100 && !condition(); turn++)
        await member?.log.deliver(member.reader, 3, turn);
      if (!condition()) throw new Error(`In vain: ${what}.`);
    },
  });
});

function asWritten({ key, value, headers }: OutgoingRecord): WrittenRecord {
  const texts = headers?.map(
    ({ key: name, value: of }) => `${name}=${of === null ? 'null' : Buffer.from(of).toString()}`,
  );
  return {
    key: key === null ? null : Buffer.from(key).toString(),
    value: Buffer.from(value).toString(),
    headers: texts?.join(' '),
  };
}
