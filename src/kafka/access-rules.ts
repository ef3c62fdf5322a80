import { transactionalIdPrefix } from '../resource/kafka-names.ts';

/** One right in Kafka, as `kafka-acls` names its parts. */
export interface AccessRule {
  readonly resource: 'topic' | 'group' | 'transactionalId';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operation: 'Read' | 'Write';
  /** What it is needed for. */
  readonly why: string;
}

export interface AccessNeeds {
  readonly groupId: string;
  readonly topic: string;
  /** Results, late trades and dead letters, as far as they have a topic. */
  readonly outputs: readonly string[];
}

/**
 * The least that a pipeline's user must be allowed. Describe follows from Read and Write in Kafka's own authorizer.
 * A transactional producer needs no right on the cluster (KIP-98 asks for IdempotentWrite without an id only).
 */
export function accessRules({ groupId, topic, outputs }: AccessNeeds): AccessRule[] {
  return [
    { resource: 'topic', name: topic, pattern: 'literal', operation: 'Read', why: 'read the trades' },
    ...[...new Set(outputs)].map((name): AccessRule => ({
      resource: 'topic',
      name,
      pattern: 'literal',
      operation: 'Write',
      why: 'write what the pipeline puts there',
    })),
    {
      resource: 'group',
      name: groupId,
      pattern: 'literal',
      operation: 'Read',
      why: 'share the partitions and commit offsets',
    },
    {
      resource: 'transactionalId',
      name: transactionalIdPrefix(groupId, topic),
      pattern: 'prefixed',
      operation: 'Write',
      why: 'commit results and offset together, once',
    },
  ];
}

/** What a pipeline of several stages needs, each right once. */
export function accessRulesOf(stages: readonly AccessNeeds[]): AccessRule[] {
  const rules = stages.flatMap(accessRules);
  const nameOf = ({ resource, name, operation }: AccessRule): string => `${resource} ${name} ${operation}`;
  return [...new Map(rules.map((rule) => [nameOf(rule), rule])).values()];
}

/** `Write on the transactional ids that begin with tidemark.stocks-stocks-` */
export function ruleInWords({ resource, name, pattern, operation }: AccessRule): string {
  const what = { topic: 'topic', group: 'group', transactionalId: 'transactional id' }[resource];
  return pattern === 'literal'
    ? `${operation} on the ${what} ${name}`
    : `${operation} on the ${what}s that begin with ${name}`;
}
