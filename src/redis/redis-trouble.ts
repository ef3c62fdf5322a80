import { CheckpointError, type CheckpointTrouble } from '../pipeline/checkpoint-error.ts';
import { tlsTrouble } from '../tls/tls-trouble.ts';
import type { RedisWire } from './redis-client.ts';

/**
 * The error of ioredis in our words. The original is not kept as the cause: it carries the arguments of its command,
 * for AUTH the password and for a save megabytes.
 */
export function redisTrouble(
  error: unknown,
  server: string,
  wire: Pick<RedisWire, 'password' | 'tls'>,
): CheckpointError {
  const { name, text, code } = saidBy(error);
  const fallback = name === 'ReplyError' ? 'refused' : 'unreachable';
  const trouble = RULES.find(([pattern]) => pattern.test(text))?.[1] ?? fallback;
  if (trouble === 'unreachable' && wire.tls !== undefined) {
    const certificate = tryTo(wire.tls)?.certificate;
    const tls = tlsTrouble({ code, message: text }, certificate, Date.now());
    if (tls !== undefined)
      return new CheckpointError('certificate', `Redis at ${server} ${tls.what}.`, tls.remedy);
  }
  const { what, remedy } = WORDS[trouble];
  const isVague = trouble === 'refused' || trouble === 'unreachable';
  const said = isVague ? `: ${withoutSecrets(text, wire.password && tryTo(wire.password))}` : '';
  return new CheckpointError(trouble, `Redis at ${server} ${what}${said}.`, remedy);
}

/** What cannot be read now is told where it is needed. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Whether another connection may help: a name that a fail-over moved to another server, or one that starts up. */
export function asksForReconnect(error: Error): boolean {
  const trouble = RULES.find(([pattern]) => pattern.test(error.message))?.[1];
  return trouble === 'read-only' || trouble === 'loading';
}

type RedisTrouble = Exclude<
  CheckpointTrouble,
  'certificate' | 'base-lost' | 'incomplete' | 'other-layout' | 'undecodable' | 'closed'
>;

/** The first rule that fits decides. Within a script Redis puts its own words around an error's code. */
const RULES: readonly (readonly [RegExp, RedisTrouble])[] = [
  [/\bOOM command not allowed/, 'full'],
  [/\bREADONLY\b/, 'read-only'],
  [/^(LOADING|MASTERDOWN)\b/, 'loading'],
  [/\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid password|unauthenticated/, 'access-denied'],
  [/The user executing the script can't/, 'access-denied'],
  [/^(MOVED|ASK|CLUSTERDOWN|TRYAGAIN)\b/, 'wrong-node'],
  [/^Command timed out|^Socket timeout|\bETIMEDOUT\b/, 'timeout'],
];

const BY_ITSELF =
  'checkpoints resume by themselves, and until then a take-over reads its trades from Kafka again.';
const WORDS: Readonly<Record<RedisTrouble, { what: string; remedy: string }>> = {
  unreachable: { what: 'cannot be reached', remedy: `Check the address and the network; ${BY_ITSELF}` },
  timeout: {
    what: 'did not answer in time',
    remedy: `Look for a slow disk, a long command or a lost network at Redis; ${BY_ITSELF}`,
  },
  loading: { what: 'is still starting up', remedy: `Wait; ${BY_ITSELF}` },
  full: { what: 'is full', remedy: `Raise its maxmemory or take other data out; ${BY_ITSELF}` },
  'read-only': {
    what: 'is a read-only replica',
    remedy: `Let the address lead to the primary, or name its Sentinels in spec.redis.sentinel; ${BY_ITSELF}`,
  },
  'access-denied': {
    what: 'refused the login or a command of this user',
    remedy:
      'Check user and password in the Secret, and that the user may run what docs/security.md lists on keys of tidemark:*.',
  },
  'wrong-node': {
    what: 'is a node of a cluster that does not keep this key',
    remedy: 'Write spec.redis.cluster with the addresses of some nodes in place of spec.redis.url.',
  },
  refused: { what: 'refused a command', remedy: `Look up what it said; ${BY_ITSELF}` },
};

/** Redis repeats the arguments of a command that it does not know, be it AUTH. */
function withoutSecrets(text: string, password: string | undefined): string {
  const [said] = text.split(', with args beginning with');
  return password === undefined || password === '' ? said : said.replaceAll(password, '***');
}

/** Told by its shape, for an error may come from another realm where code is sandboxed. */
function saidBy(error: unknown): { name: string; text: string; code: string | undefined } {
  // A cluster of which no node answers says what the last one said.
  const { lastNodeError } = (error ?? {}) as { lastNodeError?: unknown };
  const { name, message, code } = (lastNodeError ?? error ?? {}) as Partial<Record<string, unknown>>;
  // The error of an address with several families, all refused, has a code and no message.
  const text = [message, code].find((said) => typeof said === 'string' && said !== '');
  return {
    name: typeof name === 'string' ? name : 'Error',
    text: typeof text === 'string' ? text : 'an unknown error',
    code: typeof code === 'string' ? code : undefined,
  };
}
