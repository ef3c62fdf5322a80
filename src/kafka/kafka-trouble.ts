import { TidemarkError } from '../pipeline/error.ts';
import type { TlsMaterial } from '../tls/tls-material.ts';
import { tlsTrouble } from '../tls/tls-trouble.ts';
import type { AccessRule } from './access-rules.ts';
import { ruleInWords } from './access-rules.ts';
import type { KafkaConnection } from './kafka-client.ts';
import { protocolType } from './producer-error.ts';

/**
 * What kafkajs threw, in a line that a person can act on; an error of ours goes through as it is. `rules` are those
 * that the work at hand needed: a broker that refuses says which kind of thing, not which one.
 *
 * Codes: KAFKA_UNREACHABLE, KAFKA_ADVERTISED_ADDRESS, KAFKA_CERTIFICATE, KAFKA_CLOSED, KAFKA_ACCESS_DENIED,
 * KAFKA_TOPIC_MISSING, KAFKA_FAILED; of logins see login.ts.
 */
export function kafkaTrouble(
  error: unknown,
  connection: KafkaConnection,
  rules: readonly AccessRule[] = [],
): TidemarkError {
  const [first = error] = (error as { errors?: unknown[] } | null)?.errors ?? []; // of several topics at once
  const chain = causesOf(first);
  const type = protocolType(first);
  const denied = rules.filter((rule) => rule.resource === DENIED[type ?? '']);
  if (denied.length > 0) return accessDenied(denied, error);
  const own = chain.find((each) => each instanceof TidemarkError);
  if (own !== undefined) return own;
  if (type !== undefined) return fromBroker(type, chain.at(-1)?.message ?? '', topicOf(first), error);
  const lost = chain.find((each) => each.name.startsWith('KafkaJSConnection')) as ConnectionError | undefined;
  if (lost !== undefined) return fromNetwork(lost, connection);
  const said = chain.at(-1)?.message ?? String(error);
  return trouble(
    'FAILED',
    `Kafka failed: ${said.replace(/\.$/, '')}`,
    'Try again; if it stays, look into the logs of the brokers.',
    error,
  );
}

/** A user without these rights. */
export function accessDenied(rules: readonly AccessRule[], cause?: unknown): TidemarkError {
  return trouble(
    'ACCESS_DENIED',
    `This user of Kafka lacks ${rules.map(ruleInWords).join(', ')}`,
    '`tidemark acls FILE` prints all that the pipeline needs, with --strimzi as a KafkaUser.',
    cause,
  );
}

/** Topics that do not exist, by name; the remedy is to create them if it is left out. */
export function topicsMissing(topics: readonly string[], remedy?: string): TidemarkError {
  const isOne = topics.length === 1;
  return trouble(
    'TOPIC_MISSING',
    `The ${isOne ? 'topic' : 'topics'} ${topics.join(', ')} ${isOne ? 'does' : 'do'} not exist`,
    remedy ?? `Create ${isOne ? 'it' : 'them'}: tidemark topics create ${topics.join(' ')}`,
  );
}

/** kafkajs's, of src/errors.js. */
interface ConnectionError extends Error {
  readonly broker?: string;
  readonly code?: string;
}

const DENIED: Readonly<Partial<Record<string, AccessRule['resource']>>> = {
  TOPIC_AUTHORIZATION_FAILED: 'topic',
  GROUP_AUTHORIZATION_FAILED: 'group',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'transactionalId',
};

/** The topic whose creation was refused. */
function topicOf(error: unknown): string | undefined {
  const { topic } = error as { topic?: unknown };
  return typeof topic === 'string' ? topic : undefined;
}

/** Of refusals that a person can mend from here. */
const REMEDIES: Readonly<Partial<Record<string, string>>> = {
  INVALID_TOPIC_EXCEPTION: 'Name it with up to 249 letters, digits, points, _ and -.',
  INVALID_CONFIG:
    'Check the names and values of --config: https://kafka.apache.org/documentation/#topicconfigs has all of them.',
  INVALID_REPLICATION_FACTOR: 'Ask for as many replicas as there are brokers, or fewer.',
  POLICY_VIOLATION: 'A policy of the brokers forbids it: ask who runs them what it takes.',
};

function fromBroker(type: string, said: string, topic: string | undefined, error: unknown): TidemarkError {
  const request = topic === undefined ? 'a request' : `to create the topic ${topic}`;
  const what = `Kafka refused ${request}: ${said.replace(/\.$/, '')} (${type})`;
  if (type.endsWith('_AUTHORIZATION_FAILED'))
    return trouble('ACCESS_DENIED', what, 'Use a user that may do this, or grant it to this one.', error);
  return trouble(
    'FAILED',
    what,
    REMEDIES[type] ??
      'https://kafka.apache.org/protocol#protocol_error_codes explains the name; the logs of the brokers say more.',
    error,
  );
}

function fromNetwork(lost: ConnectionError, { brokers, tls }: KafkaConnection): TidemarkError {
  const broker = lost.broker ?? brokers.join(', ');
  const said = lost.message.replace(/^(Connection error|Failed to connect): /, '');
  const found =
    tls && tlsTrouble({ code: lost.code, message: said }, materialOf(tls)?.certificate, Date.now());
  if (found !== undefined)
    return trouble('CERTIFICATE', `The broker at ${broker} ${found.what}`, found.remedy, lost);
  if (lost.broker !== undefined && !brokers.includes(lost.broker)) {
    return trouble(
      'ADVERTISED_ADDRESS',
      `A broker of ${brokers.join(', ')} says that ${broker} is its address, and that cannot be reached: ${said}`,
      'Correct advertised.listeners of the broker, or let that name and port lead to it from here.',
      lost,
    );
  }
  if (lost.name === 'KafkaJSConnectionClosedError' || lost.code === 'ECONNRESET') {
    return trouble(
      'CLOSED',
      `The broker at ${broker} closed the connection without an answer`,
      `Check that this port is the listener for ${tls === undefined ? 'connections without TLS' : 'TLS'} and for the login of spec.kafka.sasl.`,
      lost,
    );
  }
  return trouble(
    'UNREACHABLE',
    `The broker at ${broker} cannot be reached: ${said}`,
    'Check spec.kafka.bootstrapServers or TIDEMARK_KAFKA_BROKERS, that the broker runs, and the network.',
    lost,
  );
}

function materialOf(tls: () => TlsMaterial): TlsMaterial | undefined {
  try {
    return tls();
  } catch {
    return undefined; // kafkajs has asked for it too, and its error is the one that is told
  }
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  return chain;
}

function trouble(code: string, message: string, remedy: string, cause?: unknown): TidemarkError {
  return new TidemarkError(`KAFKA_${code}`, `${message}.`, remedy, cause === undefined ? {} : { cause });
}
