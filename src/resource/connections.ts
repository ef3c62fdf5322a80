import { z } from 'zod';
import { expecting, section } from './expectation.ts';
import { choice, dnsLabel, hostAndPort, secretKey, secretName, secretRef } from './values.ts';

const broker = hostAndPort('The address of a Kafka broker.', 'kafka:9092');

/** A list, or one text with commas as Kafka's own settings have it; a CRD can only say "anything" to such a choice. */
const bootstrapServers = expecting(
  z
    .union([
      z.array(broker).min(1),
      z
        .string()
        .min(1)
        .refine((text) => addresses(text).every((address) => broker.safeParse(address).success))
        .transform(addresses),
    ])
    .describe(
      'The addresses of some brokers, host:port, as a list or as one text with commas. Instead of cluster.',
    )
    .meta({ 'x-kubernetes-preserve-unknown-fields': true }),
  'host:port of the brokers such as [kafka-0:9092, kafka-1:9092]',
  firstThatIsNoAddress,
);

function addresses(text: string): string[] {
  return text.split(',').map((address) => address.trim());
}

function firstThatIsNoAddress(value: unknown): string | undefined {
  const items: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? addresses(value)
      : [];
  const wrong = items.find((item) => !broker.safeParse(item).success);
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} among them`;
}

const tls = section(
  'Encrypts the connection. Left empty, brokers are trusted as the system trusts them.',
  '{ caSecretRef: { name: my-cluster-cluster-ca-cert, key: ca.crt } }',
  {
    caSecretRef: secretRef('The certificate authority that signed the certificates of the brokers.', {
      name: 'my-cluster-cluster-ca-cert',
      key: 'ca.crt',
    }).optional(),
    certificateSecretRef: section(
      'The certificate by which the brokers know this pipeline (mutual TLS).',
      '{ name: stocks, certificate: user.crt, privateKey: user.key }',
      {
        name: secretName('stocks'),
        certificate: secretKey('Which key of the Secret holds the certificate.', 'user.crt').prefault(
          'tls.crt',
        ),
        privateKey: secretKey('Which key of the Secret holds the private key.', 'user.key').prefault(
          'tls.key',
        ),
      },
    ).optional(),
  },
);

const sasl = section(
  'How the pipeline logs in to the brokers.',
  '{ mechanism: scram-sha-512, username: stocks, passwordSecretRef: { name: stocks, key: password } }',
  {
    mechanism: choice('The way to log in that the brokers offer.', [
      'plain',
      'scram-sha-256',
      'scram-sha-512',
    ]),
    username: expecting(
      z.string().min(1).max(255).describe('The name to log in with.'),
      'the name of a user such as stocks',
    ),
    passwordSecretRef: secretRef('Where the password is kept.', { name: 'stocks', key: 'password' }),
  },
);

/** The Kafka cluster of the pipeline's topics. */
export const kafka = section(
  'The Kafka cluster of the topics: either cluster or bootstrapServers.',
  '{ cluster: my-cluster }',
  {
    cluster: dnsLabel(
      'The name of a Strimzi cluster in the namespace of this resource. Instead of bootstrapServers.',
      'my-cluster',
    ).optional(),
    bootstrapServers: bootstrapServers.optional(),
    tls: tls.optional(),
    sasl: sasl.optional(),
  },
);

const redisUrl = expecting(
  z
    .string()
    .max(512)
    .regex(/^rediss?:\/\/([^\s:/@?#[\]]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(\/[0-9]*)?$/)
    .refine((text) => URL.canParse(text))
    .describe('Where Redis listens: redis://host:port/database, or rediss:// for TLS. Without a password.'),
  'the URL of a Redis without a user or password such as redis://redis:6379',
  // A password is not repeated in a message, which may end up in a log.
  (value) =>
    typeof value === 'string' && value.includes('@')
      ? 'one with a login inside: put the password into a Secret and name it in passwordSecretRef'
      : undefined,
);

/** Where checkpoints are kept. */
export const redis = section(
  'The Redis that keeps checkpoints, so that a restart has little to read again.',
  '{ url: redis://redis:6379 }',
  {
    url: redisUrl,
    username: expecting(
      z.string().min(1).max(255).describe('The name to log in with, where Redis has users.'),
      'the name of a user such as tidemark',
    ).optional(),
    passwordSecretRef: secretRef('Where the password is kept.', {
      name: 'redis',
      key: 'password',
    }).optional(),
  },
);
