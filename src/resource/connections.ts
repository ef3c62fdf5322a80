import * as z from 'zod';
import { expecting, section } from './expectation.ts';
import { choice, dnsLabel, hostAndPort, secretKey, secretName, secretRef, wholeNumber } from './values.ts';

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

/** The same for all: whom to trust, and who we are. */
export function tlsOf(server: string, example: string, caSecret: { name: string; key: string }) {
  return section(
    `Encrypts the connection. Left empty, ${server} is trusted as the system trusts it.`,
    example,
    {
      caSecretRef: secretRef(
        `The certificate authority that signed the certificate of ${server}.`,
        caSecret,
      ).optional(),
      certificateSecretRef: section(
        `The certificate by which ${server} knows this pipeline (mutual TLS).`,
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
}

const kafkaTls = tlsOf('Kafka', '{ caSecretRef: { name: my-cluster-cluster-ca-cert, key: ca.crt } }', {
  name: 'my-cluster-cluster-ca-cert',
  key: 'ca.crt',
});

const redisTls = tlsOf('Redis', '{ caSecretRef: { name: redis-tls, key: ca.crt } }', {
  name: 'redis-tls',
  key: 'ca.crt',
});

const tokenEndpoint = expecting(
  z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s@]+$/)
    .refine((text) => URL.canParse(text))
    .describe('Where tokens are asked for, with client credentials (RFC 6749, 4.4); for oauthbearer.'),
  'the URL of a token endpoint without a login such as https://sso.example.com/oauth2/token',
  (value) => (typeof value === 'string' && value.includes('@') ? 'one with a login inside' : undefined),
);

const sasl = section(
  'How the pipeline logs in to the brokers.',
  '{ mechanism: scram-sha-512, username: stocks, passwordSecretRef: { name: stocks, key: password } }',
  {
    mechanism: choice('The way to log in that the brokers offer.', [
      'plain',
      'scram-sha-256',
      'scram-sha-512',
      'oauthbearer',
      'aws-msk-iam',
    ]),
    username: expecting(
      z.string().min(1).max(255).describe('The name to log in with; for plain and scram.'),
      'the name of a user such as stocks',
    ).optional(),
    passwordSecretRef: secretRef('Where the password is kept; for plain and scram.', {
      name: 'stocks',
      key: 'password',
    }).optional(),
    tokenEndpoint: tokenEndpoint.optional(),
    clientId: expecting(
      z
        .string()
        .min(1)
        .max(255)
        .describe('The name that the token endpoint knows the pipeline by; for oauthbearer.'),
      'the id of an OAuth client such as stocks',
    ).optional(),
    clientSecretRef: secretRef("Where the client's secret is kept; for oauthbearer.", {
      name: 'stocks-oauth',
      key: 'client-secret',
    }).optional(),
    scope: expecting(
      z.string().min(1).max(255).describe('The scope to ask for; for oauthbearer.'),
      'a scope such as kafka',
    ).optional(),
    tokenCaSecretRef: secretRef(
      'The certificate authority that signed the certificate of the token endpoint; for oauthbearer.',
      { name: 'sso-ca', key: 'ca.crt' },
    ).optional(),
    region: expecting(
      z
        .string()
        .max(63)
        .regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/)
        .describe('The region of the MSK cluster; for aws-msk-iam. The pod has its role from AWS.'),
      'a region of AWS such as eu-central-1',
    ).optional(),
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
    tls: kafkaTls.optional(),
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

const redisNode = hostAndPort('The address of a node.', 'redis-0:6379');

const user = expecting(
  z.string().min(1).max(255).describe('The name to log in with, where Redis has users.'),
  'the name of a user such as tidemark',
);

const sentinel = section(
  'Sentinels that know which Redis is the primary. Instead of url.',
  '{ master: mymaster, addresses: [sentinel-0:26379, sentinel-1:26379] }',
  {
    master: expecting(
      z
        .string()
        .max(255)
        .regex(/^[A-Za-z0-9._-]+$/)
        .describe('The name that the Sentinels know the primary by.'),
      'the name of a primary such as mymaster',
    ),
    addresses: z
      .array(hostAndPort('The address of a Sentinel.', 'sentinel-0:26379'))
      .min(1)
      .describe('The addresses of some Sentinels, host:port.'),
    database: wholeNumber('The number of the database.', { min: 0, max: 16_383, example: 0 }).optional(),
    username: expecting(
      z.string().min(1).max(255).describe('The name to log in to the Sentinels with.'),
      'the name of a user such as tidemark',
    ).optional(),
    passwordSecretRef: secretRef('Where the password of the Sentinels is kept, if they have one.', {
      name: 'redis-sentinel',
      key: 'password',
    }).optional(),
  },
);

/** Where checkpoints are kept. */
export const redis = section(
  'The Redis or Valkey that keeps checkpoints, so that a restart has little to read again: url, sentinel or cluster.',
  '{ url: redis://redis:6379 }',
  {
    url: redisUrl.optional(),
    sentinel: sentinel.optional(),
    cluster: z
      .array(redisNode)
      .min(1)
      .describe('The addresses of some nodes of a Redis Cluster, host:port. Instead of url.')
      .optional(),
    username: user.optional(),
    passwordSecretRef: secretRef('Where the password is kept.', {
      name: 'redis',
      key: 'password',
    }).optional(),
    tls: redisTls.optional(),
  },
);
