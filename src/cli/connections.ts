import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { TlsMaterial } from '../tls/tls-material.ts';
import type { KafkaConnection } from '../kafka/kafka-client.ts';
import type { KafkaLogin } from '../kafka/login.ts';
import { mskTokens } from '../kafka/msk-token.ts';
import { oauthTokens } from '../kafka/oauth-token.ts';
import type { RedisWire } from '../redis/redis-client.ts';
import type { RegistryConnection } from '../registry/registry-connection.ts';
import type { Kafka, Pipeline, Redis, Sasl, SchemaRegistry, SecretRef, Tls } from '../resource/pipeline.ts';
import { secretRefs } from '../resource/secret-refs.ts';
import { isHostAndPort } from '../resource/values.ts';
import { SecretFolder, type Secrets } from './secret-folder.ts';

/*
 * The one place that turns what a pipeline says of its wires into what the clients of Kafka, Redis and the registry take. Secrets
 * are handed on as functions, so that a client asks anew for each connection and nothing else ever holds them.
 */

/** Throws a TidemarkError, SECRET_MISSING, for the first Secret of the pipeline that is needed and cannot be read. */
export function refuseMissingSecrets(
  pipeline: Pipeline,
  secrets: Secrets = new SecretFolder(),
  env: NodeJS.ProcessEnv = process.env,
): void {
  const { redis } = pipeline;
  const used = { ...pipeline, redis: env.TIDEMARK_REDIS_URL === undefined ? redis : undefined };
  for (const ref of secretRefs(used)) secrets.read(ref);
}

/**
 * How to reach the pipeline's Kafka; TIDEMARK_KAFKA_BROKERS overrides where. Throws a TidemarkError, KAFKA_BROKERS,
 * where neither says.
 */
export function kafkaConnection(
  kafka: Kafka | undefined,
  secrets: Secrets = new SecretFolder(),
  env: NodeJS.ProcessEnv = process.env,
): KafkaConnection {
  return {
    brokers: brokersOf(kafka, env),
    tls: kafka?.tls && tlsSource(kafka.tls, secrets),
    login: kafka?.sasl && loginOf(kafka.sasl, secrets),
  };
}

/**
 * How to reach the pipeline's Redis. TIDEMARK_REDIS_URL overrides all that the pipeline says of it, the login too.
 * Undefined where neither says.
 */
export function redisWire(
  redis: Redis | undefined,
  secrets: Secrets = new SecretFolder(),
  env: NodeJS.ProcessEnv = process.env,
): RedisWire | undefined {
  const override = env.TIDEMARK_REDIS_URL;
  if (override !== undefined) return redisAt(override, env);
  if (redis === undefined) return undefined;
  const { servers, username } = redis;
  const common = {
    username,
    password: redis.passwordSecretRef && secretSource(redis.passwordSecretRef, secrets),
    tls: redis.tls && tlsSource(redis.tls, secrets),
  };
  if (servers.kind !== 'sentinel') return { ...common, place: servers };
  const { master, addresses, database, username: sentinelUser, passwordSecretRef: ref } = servers;
  const login = { username: sentinelUser, password: ref && secretSource(ref, secrets) };
  return { ...common, place: { kind: 'sentinel', master, addresses, database, login } };
}

/** How to reach the pipeline's schema registry; TIDEMARK_SCHEMA_REGISTRY_URL overrides where. */
export function registryConnection(
  registry: SchemaRegistry,
  secrets: Secrets = new SecretFolder(),
  env: NodeJS.ProcessEnv = process.env,
): RegistryConnection {
  const { login, tls } = registry;
  return {
    url: env.TIDEMARK_SCHEMA_REGISTRY_URL?.replace(/\/+$/, '') ?? registry.url,
    login: login && { username: login.username, password: secretSource(login.passwordSecretRef, secrets) },
    tls: tls && tlsSource(tls, secrets),
  };
}

function brokersOf(kafka: Kafka | undefined, env: NodeJS.ProcessEnv): string[] {
  const inFile = kafka?.brokers.kind === 'servers' ? kafka.brokers.addresses : undefined;
  const brokers = env.TIDEMARK_KAFKA_BROKERS?.split(',').map((each) => each.trim()) ?? inFile;
  const odd = brokers?.find((each) => !isHostAndPort(each));
  if (odd !== undefined) {
    throw new TidemarkError(
      'KAFKA_BROKERS',
      `${JSON.stringify(odd)} is no address of a broker`,
      'Write --brokers or TIDEMARK_KAFKA_BROKERS as host:port,host:port, such as kafka:9092.',
      { exitCode: EXIT.usage },
    );
  }
  if (brokers !== undefined) return [...brokers];
  throw new TidemarkError(
    'KAFKA_BROKERS',
    'no Kafka brokers are named',
    'Set spec.kafka.bootstrapServers, or TIDEMARK_KAFKA_BROKERS=host:port,host:port.',
    { exitCode: EXIT.usage },
  );
}

function tlsSource({ caSecretRef, certificateSecretRef: own }: Tls, secrets: Secrets) {
  return (): TlsMaterial => {
    const ca = caSecretRef && secrets.read(caSecretRef);
    if (own === undefined) return { ca, certificate: undefined, privateKey: undefined };
    const [certificate, privateKey] = secrets.readTogether(own.name, [own.certificate, own.privateKey]);
    return { ca, certificate, privateKey };
  };
}

function secretSource(ref: SecretRef, secrets: Secrets): () => string {
  return () => secrets.read(ref);
}

function loginOf(sasl: Sasl, secrets: Secrets): KafkaLogin {
  if (sasl.mechanism === 'aws-msk-iam') {
    return { mechanism: sasl.mechanism, token: mskTokens(sasl.region), tokenIsFrom: 'AWS' };
  }
  if (sasl.mechanism === 'oauthbearer') {
    const { mechanism, tokenEndpoint, clientId, clientSecretRef, scope, tokenCaSecretRef } = sasl;
    const clientSecret = secretSource(clientSecretRef, secrets);
    const ca = tokenCaSecretRef && secretSource(tokenCaSecretRef, secrets);
    const token = oauthTokens({ tokenEndpoint, clientId, clientSecret, scope, ca });
    return { mechanism, token, tokenIsFrom: tokenEndpoint };
  }
  const { mechanism, username, passwordSecretRef: ref } = sasl;
  const password = secretSource(ref, secrets);
  return { mechanism, username, password, passwordIsIn: `key ${ref.key} of the Secret ${ref.name}` };
}

/**
 * The Redis at an address that may have a login inside, `redis://user:password@host:6379/0`;
 * TIDEMARK_REDIS_USERNAME and TIDEMARK_REDIS_PASSWORD are for who keeps it apart. Throws a TidemarkError, REDIS_URL.
 */
export function redisAt(text: string, env: NodeJS.ProcessEnv = process.env): RedisWire {
  const url = URL.parse(text);
  if (url === null) {
    throw new TidemarkError(
      'REDIS_URL',
      'the address of Redis is not redis://host:port/database',
      'Write it so, or rediss:// for TLS.',
      { exitCode: EXIT.usage },
    );
  }
  const username = decoded(url.username) ?? env.TIDEMARK_REDIS_USERNAME;
  const password = decoded(url.password) ?? env.TIDEMARK_REDIS_PASSWORD;
  url.username = '';
  url.password = '';
  return {
    place: { kind: 'single', url: url.href },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: () => password }),
  };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that was meant as one
  }
}
