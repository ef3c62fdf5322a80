import { pino } from 'pino';
import { evictMember } from '../kafka/evict.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { groupIdOf, rekeyGroupIdOf } from '../resource/kafka-names.ts';
import { namedKafka, type KafkaFlags } from './kafka-flags.ts';

/** The ids of the members that were removed. Throws a TidemarkError, KAFKA_EVICT_FAILED. */
export async function evict(flags: KafkaFlags, pipeline: string, instance: string): Promise<string[]> {
  const { connection, pipeline: file } = await namedKafka(flags);
  const logger = pino({ name: 'tidemark', level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-evict', logger });
  const removed = await evictMember(kafka, groupIdOf(pipeline), instance);
  if (file !== undefined && !file.input.rekey) return removed;
  return [...removed, ...(await evictMember(kafka, rekeyGroupIdOf(pipeline), instance))];
}
