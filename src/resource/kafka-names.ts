/*
 * What a pipeline has in Kafka beside the topics that its file names.
 */

/** The consumer group of a pipeline's aggregators. */
export function groupIdOf(pipeline: string): string {
  return `tidemark.${pipeline}`;
}

/** The group of their stage before the windows, where the input is re-keyed. */
export function rekeyGroupIdOf(pipeline: string): string {
  return `tidemark.${pipeline}.rekey`;
}

/** The topic between the two stages: the trades, keyed by symbol. */
export function rekeyedTopicOf(pipeline: string): string {
  return `tidemark.${pipeline}.rekeyed`;
}

/** What the transactional ids of a pipeline begin with; the partition follows. */
export function transactionalIdPrefix(groupId: string, topic: string): string {
  return `${groupId}-${topic}-`;
}

/** So many watermarks find room in the metadata of an offset, of which brokers keep 4,096 bytes. */
export const MOST_REKEYED_PARTITIONS = 400;
