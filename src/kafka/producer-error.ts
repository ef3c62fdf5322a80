import { TidemarkError } from '../pipeline/error.ts';

/**
 * What is left to do after a failed fence or commit; the producer is gone in any case.
 * - `fenced`: another producer with the same transactional id has begun, or the broker gave up on a transaction that
 *   lasted too long. The task ends. It may take over again only if the group still assigns it the partition.
 * - `retry`: something passing. Take over again, from the fence on.
 * - `fatal`: permissions, a record too large, a topic name that can't be. Trying again would give the same.
 */
export type ProducerErrorKind = 'fenced' | 'retry' | 'fatal';

export class ProducerError extends TidemarkError {
  readonly kind: ProducerErrorKind;

  constructor(kind: ProducerErrorKind, transactionalId: string, cause: unknown) {
    const { code, remedy } = KINDS[kind];
    const reason = protocolType(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    super(code, `Producer ${transactionalId}: ${reason}.`, remedy, { cause });
    this.name = 'ProducerError';
    this.kind = kind;
  }
}

/** Sorts what kafkajs threw. */
export function producerError(transactionalId: string, error: unknown): ProducerError {
  if (error instanceof ProducerError) return error;
  const type = protocolType(error) ?? '';
  const kind = FENCED.has(type) || isProducerFenced(error) ? 'fenced' : FATAL.test(type) ? 'fatal' : 'retry';
  return new ProducerError(isProgrammingError(error) ? 'fatal' : kind, transactionalId, error);
}

/** The broker's name for the error, also where kafkajs has wrapped it: src/protocol/error.js. */
export function protocolType(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('type' in at && typeof at.type === 'string') return at.type;
  }
  return undefined;
}

const KINDS: Record<ProducerErrorKind, { code: string; remedy: string }> = {
  fenced: { code: 'KAFKA_FENCED', remedy: 'Nothing: another instance has taken the partition over.' },
  retry: { code: 'KAFKA_COMMIT_FAILED', remedy: 'The partition is taken over again from its last commit.' },
  fatal: {
    code: 'KAFKA_COMMIT_REFUSED',
    remedy: 'Check the permissions and limits of the output topic, the group and the transactional id.',
  },
};

const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);
const FATAL =
  /_AUTHORIZATION_FAILED$|^SASL_|^UNSUPPORTED_|_TOO_LARGE$|^INVALID_(TOPIC_EXCEPTION|TRANSACTION_TIMEOUT|RECORD|TIMESTAMP|GROUP_ID|COMMIT_OFFSET_SIZE|REQUIRED_ACKS)$/;

/** PRODUCER_FENCED is younger than kafkajs, which only knows its number. */
function isProducerFenced(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith('Unknown error code 90');
}

function isProgrammingError(error: unknown): boolean {
  return error instanceof Error && ['TypeError', 'RangeError', 'ReferenceError'].includes(error.name);
}
