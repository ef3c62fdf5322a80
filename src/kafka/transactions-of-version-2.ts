import { refuseError, sendFlexible } from './flexible-request.ts';
import type { Broker, ProducerIdentity } from './kafkajs-internals.ts';

/*
 * Transactions of version 2 (KIP-890, brokers 4.0 and newer): a partition joins by being written to, and each
 * transaction has an epoch of its own. Two requests less, and a request that comes too late cannot join the next one.
 */

/** The feature of the cluster that says whether it has them. */
export const TRANSACTION_VERSION = 'transaction.version';

export interface MovedOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** https://kafka.apache.org/protocol#The_Messages_TxnOffsetCommit, version 5: the group joins the transaction by it. */
export function commitOffset(broker: Broker, owner: ProducerIdentity, moved: MovedOffset): Promise<void> {
  const { groupId, topic, partition, offset, metadata } = moved;
  return sendFlexible(broker, {
    apiKey: TXN_OFFSET_COMMIT,
    apiName: 'TxnOffsetCommit',
    version: 5,
    write: (writer) => {
      writer.string(owner.transactionalId).string(groupId);
      writer.int64(BigInt(owner.producerId)).int16(owner.producerEpoch);
      writer.int32(NO_GENERATION).string('').string(null); // by the epoch alone zombies are told
      writer.array([topic], (name) => {
        writer.string(name);
        writer.array([partition], (index) => {
          writer.int32(index).int64(BigInt(offset)).int32(NO_LEADER_EPOCH).string(metadata).noTags();
        });
        writer.noTags();
      });
      writer.noTags();
    },
    read: (reader) => {
      reader.int32(); // throttled for, in ms
      reader.array(() => {
        reader.string();
        reader.array(() => {
          reader.int32(); // partition
          refuseError(reader.int16());
          reader.tags();
        });
        reader.tags();
      });
    },
  });
}

/**
 * https://kafka.apache.org/protocol#The_Messages_EndTxn, version 5. Commits; answers who the producer is from then on: the
 * next epoch, and where there is none left, another id.
 */
export function endTransaction(
  broker: Broker,
  owner: ProducerIdentity,
): Promise<{ producerId: number; producerEpoch: number }> {
  return sendFlexible(broker, {
    apiKey: END_TXN,
    apiName: 'EndTxn',
    version: 5,
    write: (writer) => {
      writer.string(owner.transactionalId).int64(BigInt(owner.producerId)).int16(owner.producerEpoch);
      writer.boolean(true).noTags();
    },
    read: (reader) => {
      reader.int32(); // throttled for, in ms
      refuseError(reader.int16());
      return { producerId: reader.int64(), producerEpoch: reader.int16() };
    },
  });
}

const TXN_OFFSET_COMMIT = 28;
const END_TXN = 26;
const NO_GENERATION = -1;
const NO_LEADER_EPOCH = -1;
