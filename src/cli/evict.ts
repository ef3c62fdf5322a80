import { pino } from 'pino';
import { evictMember } from '../kafka/evict.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { groupIdOf } from './group-id.ts';

/** The ids of the members that were removed. Throws a TidemarkError, KAFKA_EVICT_FAILED. */
export function evict(brokers: string[], pipeline: string, instance: string): Promise<string[]> {
  const logger = pino({ name: 'tidemark', level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  return evictMember(
    kafkaClient({ brokers, clientId: 'tidemark-evict', logger }),
    groupIdOf(pipeline),
    instance,
  );
}
