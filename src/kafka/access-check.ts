import type { Kafka } from 'kafkajs';
import type { AccessRule } from './access-rules.ts';
import { groupStanding, topicStanding, transactionalIdIsSeen } from './granted-operations.ts';
import type { Standing } from './granted-operations.ts';
import { accessDenied, topicsMissing } from './kafka-trouble.ts';

/** Which of the rules this user lacks, and which of their topics do not exist. */
export interface AccessFindings {
  readonly lacking: readonly AccessRule[];
  readonly missingTopics: readonly string[];
  readonly standing: Standing;
}

/**
 * Holds the rules against what the cluster grants, without changing anything there. Whether a transactional id may be
 * written to is known only when a producer begins; that it may be known of is looked at here.
 */
export async function findAccess(kafka: Kafka, rules: readonly AccessRule[]): Promise<AccessFindings> {
  const topics = rules.filter(({ resource }) => resource === 'topic');
  const standing = await topicStanding(
    kafka,
    topics.map(({ name }) => name),
  );
  const lacking: AccessRule[] = [];
  for (const rule of rules) if (!(await isGranted(kafka, rule, standing))) lacking.push(rule);
  const missingTopics = standing.topics.filter(({ state }) => state === 'missing').map(({ topic }) => topic);
  return { lacking, missingTopics, standing };
}

/** Throws a TidemarkError, KAFKA_ACCESS_DENIED or KAFKA_TOPIC_MISSING, that names all that is missing. */
export async function refuseMissingAccess(kafka: Kafka, rules: readonly AccessRule[]): Promise<Standing> {
  const { lacking, missingTopics, standing } = await findAccess(kafka, rules);
  if (lacking.length > 0) throw accessDenied(lacking);
  if (missingTopics.length > 0) throw topicsMissing(missingTopics);
  return standing;
}

/**
 * Begins a producer with this id, which must be one that no other has: it would end that one's. Throws what kafkajs
 * throws. Kafka forgets the id after a week.
 */
export async function refuseUnwritableId(kafka: Kafka, transactionalId: string): Promise<void> {
  const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1 });
  try {
    await producer.connect();
    await producer.transaction().then((transaction) => transaction.abort());
  } finally {
    await producer.disconnect();
  }
}

async function isGranted(
  kafka: Kafka,
  { resource, name, operation }: AccessRule,
  standing: Standing,
): Promise<boolean> {
  if (resource === 'transactionalId') return transactionalIdIsSeen(kafka, `${name}0`);
  if (resource === 'group') return (await groupStanding(kafka, name)).granted.has(operation);
  const found = standing.topics.find(({ topic }) => topic === name);
  if (found?.state === 'missing') return true; // it is another matter, and Kafka tells nothing of its rights
  return found?.state === 'there' && found.granted.has(operation);
}
