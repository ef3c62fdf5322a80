import type { Mechanism } from 'kafkajs';
import { TidemarkError } from '../pipeline/error.ts';
import type { SecretSource } from '../tls/tls-material.ts';
import { internals } from './kafkajs-internals.ts';

/** How a client logs in. Secrets are asked for at each login, so that one that has rotated is used from then on. */
export type KafkaLogin =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: SecretSource;
      /** Where the password comes from, for messages: `key password of the Secret stocks`. */
      readonly passwordIsIn: string;
    }
  | {
      readonly mechanism: 'oauthbearer' | 'aws-msk-iam';
      /** A token that is still good for a while. */
      readonly token: () => Promise<string>;
      /** Who vouches for it, for messages: its endpoint. */
      readonly tokenIsFrom: string;
    };

/** A broker has refused a login. kafkajs asks `retriable`. */
export class KafkaLoginError extends TidemarkError {
  readonly retriable: boolean;

  constructor(message: string, remedy: string, retriable: boolean) {
    super('KAFKA_LOGIN_REFUSED', message, remedy);
    this.name = 'KafkaLoginError';
    this.retriable = retriable;
  }
}

/**
 * The login as kafkajs takes it. A refusal of the very first login is final. One that comes after a login had
 * succeeded is tried again: while a password rotates, broker and pod learn of it at different times.
 */
export function saslOptions(login: KafkaLogin): Mechanism {
  const mechanism = WIRE_NAMES[login.mechanism];
  const kafkajsLogin = kafkajsOptions(login);
  let hasSucceeded = false;
  const authenticationProvider: Mechanism['authenticationProvider'] = (broker) => {
    const { authenticate } = builtIn(login.mechanism)(kafkajsLogin)(broker);
    return {
      authenticate: async () => {
        try {
          await authenticate();
          hasSucceeded = true;
        } catch (error) {
          throw refused(login, `${broker.host}:${broker.port}`, error, hasSucceeded);
        }
      },
    };
  };
  return { mechanism, authenticationProvider };
}

const WIRE_NAMES = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
  oauthbearer: 'OAUTHBEARER',
  'aws-msk-iam': 'OAUTHBEARER',
} as const;

function kafkajsOptions(login: KafkaLogin): object {
  if ('token' in login) return { oauthBearerProvider: async () => ({ value: await login.token() }) };
  const { username, password } = login;
  return {
    username,
    get password() {
      return password();
    },
  };
}

function builtIn(
  mechanism: KafkaLogin['mechanism'],
): (options: object) => Mechanism['authenticationProvider'] {
  const { plain, scram256, scram512, oauthBearer } = internals().authenticators;
  if (mechanism === 'plain') return plain;
  if (mechanism === 'scram-sha-256') return scram256;
  return mechanism === 'scram-sha-512' ? scram512 : oauthBearer;
}

function refused(login: KafkaLogin, broker: string, error: unknown, hasSucceeded: boolean): unknown {
  if (error instanceof TidemarkError) return error; // a secret that cannot be read, a token that is not given
  if (!(error instanceof Error) || error.name === 'KafkaJSConnectionError') return error;
  const who = 'token' in login ? `the token of ${login.tokenIsFrom}` : `the user ${login.username}`;
  const remedy =
    'token' in login
      ? 'Check that the broker trusts that issuer, and that scope and audience are as it demands.'
      : `Check spec.kafka.sasl: mechanism and username, and the password in ${login.passwordIsIn}.`;
  const message = `The broker at ${broker} refused the login of ${who} (${WIRE_NAMES[login.mechanism]})`;
  return new KafkaLoginError(`${message}${reasonOf(error, login)}.`, remedy, hasSucceeded);
}

/** What the broker said, without what kafkajs puts around it; a broker does not repeat a secret, but be it so. */
function reasonOf({ message }: Error, login: KafkaLogin): string {
  const said = message.replace(/^.*failed: /, '').replace(/\.$/, '');
  const isVague = said === '' || said.toLowerCase().startsWith('authentication failed');
  if (isVague || 'token' in login) return '';
  const password = login.password();
  return `: ${password === '' ? said : said.replaceAll(password, '***')}`;
}
