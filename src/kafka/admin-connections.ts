import type { Admin, Kafka } from 'kafkajs';
import { TidemarkError } from '../pipeline/error.ts';
import { protocolType } from './producer-error.ts';

export type { Admin, Kafka } from 'kafkajs';

/**
 * Admin connections, one per login, kept while they are used and a minute longer: the brokers are asked about many
 * pipelines, and a connection costs a handshake and a login each time.
 */
export class AdminConnections {
  readonly #clientFor: (login: string) => Kafka;
  readonly #open = new Map<
    string,
    { admin: Admin; ready: Promise<void>; users: number; timer: NodeJS.Timeout | undefined }
  >();

  /** `clientFor` makes a client of a login, which is a key here and nothing else. */
  constructor(clientFor: (login: string) => Kafka) {
    this.#clientFor = clientFor;
  }

  /** Throws a TidemarkError: KAFKA_UNREACHABLE, or KAFKA_REFUSED where brokers say no. */
  async use<T>(login: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    const connection = this.#open.get(login) ?? this.#connect(login);
    connection.users += 1;
    clearTimeout(connection.timer);
    try {
      await connection.ready;
      return await work(connection.admin);
    } catch (error) {
      if (this.#open.get(login) === connection) this.#open.delete(login); // the next one connects anew
      throw kafkaTrouble(error);
    } finally {
      connection.users -= 1;
      if (connection.users === 0) {
        const isKept = this.#open.get(login) === connection;
        connection.timer = setTimeout(() => void this.#close(login, connection.admin), isKept ? KEPT_MS : 0);
        connection.timer.unref();
      }
    }
  }

  async close(): Promise<void> {
    const admins = [...this.#open.values()];
    this.#open.clear();
    for (const { timer } of admins) clearTimeout(timer);
    await Promise.all(admins.map(({ admin }) => disconnected(admin)));
  }

  #connect(login: string) {
    const admin = this.#clientFor(login).admin();
    const ready = admin.connect();
    ready.catch(() => undefined); // whoever uses it awaits it too
    const connection = { admin, ready, users: 0, timer: undefined };
    this.#open.set(login, connection);
    return connection;
  }

  async #close(login: string, admin: Admin): Promise<void> {
    if (this.#open.get(login)?.admin === admin) this.#open.delete(login);
    await disconnected(admin);
  }
}

async function disconnected(admin: Admin): Promise<void> {
  await admin.disconnect().catch(() => undefined); // a connection that broke is closed
}

function kafkaTrouble(error: unknown): unknown {
  if (error instanceof TidemarkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const type = protocolType(error) ?? '';
  return REFUSALS.test(type) || (error instanceof Error && error.name === 'KafkaJSSASLAuthenticationError')
    ? new TidemarkError(
        'KAFKA_REFUSED',
        `Kafka refuses: ${message}`,
        'Allow it to the user that the pipeline logs in as.',
        { cause: error },
      )
    : new TidemarkError(
        'KAFKA_UNREACHABLE',
        `Kafka cannot be asked: ${message}`,
        'See whether the brokers run and may be reached from the operator; it is tried again.',
        { cause: error },
      );
}

const REFUSALS =
  /AUTHORIZATION_FAILED|AUTHENTICATION|POLICY_VIOLATION|INVALID_REPLICATION_FACTOR|INVALID_PARTITIONS/;
const KEPT_MS = 60_000;
