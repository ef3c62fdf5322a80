import { pino } from 'pino';
import { evictMember } from '../kafka/evict.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { groupIdOf } from './group-id.ts';
import { namedKafka, type KafkaFlags } from './kafka-flags.ts';

/** The ids of the members that were removed. Throws a TidemarkError, KAFKA_EVICT_FAILED. */
export async function evict(flags: KafkaFlags, pipeline: string, instance: string): Promise<string[]> {
  const { connection } = await namedKafka(flags);
  const logger = pino({ name: 'tidemark', level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  return evictMember(
    kafkaClient({ ...connection, clientId: 'tidemark-evict', logger }),
    groupIdOf(pipeline),
    instance,
  );
}
