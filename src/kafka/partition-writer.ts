import type { Kafka } from 'kafkajs';
import type { Outgoing, OutgoingRecord, PartitionWriter } from '../pipeline/partition-ports.ts';
import { transactionalIdPrefix } from '../resource/kafka-names.ts';
import type { TopicRecords } from './output-batches.ts';
import { PartitionProducer } from './partition-producer.ts';

/** Where a pipeline's records go; without a topic of their own late trades and dead letters are only counted. */
export interface OutputTopics {
  readonly results: string;
  readonly late: string | undefined;
  readonly deadLetters: string | undefined;
}

/** The transactional producer of one input partition, behind the task's port. */
export function partitionWriter(
  kafka: Kafka,
  groupId: string,
  topic: string,
  partition: number,
  outputs: OutputTopics,
): PartitionWriter {
  const producer = new PartitionProducer(kafka, {
    transactionalId: `${transactionalIdPrefix(groupId, topic)}${partition}`,
    groupId,
    topic,
    partition,
  });
  return {
    fence: () => producer.fence(),
    commit: (outgoing, offset, metadata) =>
      producer.commit({ records: recordsByTopic(outgoing, outputs), offset, metadata }),
    discard: () => producer.discard(),
  };
}

function recordsByTopic({ results, late, deadLetters }: Outgoing, outputs: OutputTopics): TopicRecords[] {
  const wanted: [string | undefined, readonly OutgoingRecord[]][] = [
    [outputs.results, results],
    [outputs.late, late],
    [outputs.deadLetters, deadLetters],
  ];
  return wanted.flatMap(([topic, records]) =>
    topic === undefined || records.length === 0 ? [] : [{ topic, records }],
  );
}
