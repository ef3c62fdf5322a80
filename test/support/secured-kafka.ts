import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import type { AclEntry } from 'kafkajs';
import type { AccessRule } from '../../src/kafka/access-rules.ts';
import { Authority, type Issued } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { startKafka, type KafkaCluster } from './kafka-broker.ts';
import { runKafkaTool, withAdmin } from './topics.ts';

/**
 * A real Kafka with listeners as users have them, and Kafka's own authorizer. `cluster.brokers` is one more, without
 * security, on which everything is allowed: for what a test does itself.
 */
export interface SecuredKafka {
  readonly cluster: KafkaCluster;
  /** TLS and a login: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER. */
  readonly saslSsl: string;
  /** TLS with a certificate of the client. */
  readonly mutualTls: string;
  /** Advertises an address at which nobody listens. */
  readonly misadvertised: string;
  readonly authority: Authority;
  /** From the next connection on the TLS listeners show this certificate and trust this authority. */
  useCertificate(shown: Issued, trusted: string): Promise<void>;
  stop(): Promise<void>;
}

/** Users of PLAIN, and OAUTHBEARER with tokens that a key of `jwks` has signed for the audience `kafka`. */
export async function startSecuredKafka(
  folder: string,
  { plainUsers = {}, jwks = { keys: [] } }: { plainUsers?: Record<string, string>; jwks?: object } = {},
): Promise<SecuredKafka> {
  const authority = new Authority(folder, 'ca');
  const [saslPort, tlsPort, oddPort, nobody] = (await freePorts(4)) as [number, number, number, number];
  const jwksFile = join(folder, 'jwks.json');
  writeFileSync(jwksFile, JSON.stringify(jwks));
  const users = Object.entries(plainUsers).map(([name, password]) => `user_${name}="${password}"`);
  const listener = 'listener.name.sasl_ssl';
  const modules = 'org.apache.kafka.common.security';
  const cluster = await startKafka({
    extra: {
      listeners: [
        { name: 'SASL_SSL', protocol: 'SASL_SSL', port: saslPort },
        { name: 'MTLS', protocol: 'SSL', port: tlsPort },
        { name: 'ODD', protocol: 'PLAINTEXT', port: oddPort, advertised: `127.0.0.1:${nobody}` },
      ],
      jvm: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file:${jwksFile}`],
      settings: {
        ...keyStores(folder, authority.issue('broker'), authority.certificate, 'first'),
        'listener.name.mtls.ssl.client.auth': 'required',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        [`${listener}.plain.sasl.jaas.config`]: `${modules}.plain.PlainLoginModule required ${users.join(' ')};`,
        [`${listener}.scram-sha-256.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
        [`${listener}.scram-sha-512.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
        [`${listener}.oauthbearer.sasl.jaas.config`]: `${modules}.oauthbearer.OAuthBearerLoginModule required;`,
        [`${listener}.oauthbearer.sasl.server.callback.handler.class`]: `${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
        [`${listener}.oauthbearer.sasl.oauthbearer.jwks.endpoint.url`]: `file:${jwksFile}`,
        [`${listener}.oauthbearer.sasl.oauthbearer.expected.audience`]: 'kafka',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    },
  });
  let versions = 0;
  return {
    cluster,
    saslSsl: `127.0.0.1:${saslPort}`,
    mutualTls: `127.0.0.1:${tlsPort}`,
    misadvertised: `127.0.0.1:${oddPort}`,
    authority,
    useCertificate: (shown, trusted) =>
      configureTls(cluster.brokers, keyStores(folder, shown, trusted, `later-${++versions}`)),
    stop: () => cluster.stop(),
  };
}

/** Sets the password of a user for SCRAM, on the running broker. */
export async function setScramPassword(
  brokers: string[],
  user: string,
  password: string,
  mechanism = 'SCRAM-SHA-512',
): Promise<void> {
  await runKafkaTool('kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', brokers.join(','), '--alter', '--entity-type', 'users'],
    ...['--entity-name', user, '--add-config', `${mechanism}=[password=${password}]`],
  ]);
}

export async function grant(brokers: string[], user: string, rules: readonly AccessRule[]): Promise<void> {
  await withAdmin(brokers, (admin) => admin.createAcls({ acl: rules.map((rule) => entry(user, rule)) }));
}

export async function revoke(brokers: string[], user: string, rule: AccessRule): Promise<void> {
  await withAdmin(brokers, (admin) => admin.deleteAcls({ filters: [entry(user, rule)] }));
}

function entry(user: string, { resource, name, pattern, operation }: AccessRule): AclEntry {
  return {
    principal: `User:${user}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: operation === 'Read' ? AclOperationTypes.READ : AclOperationTypes.WRITE,
    resourceType: {
      topic: AclResourceTypes.TOPIC,
      group: AclResourceTypes.GROUP,
      transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
    }[resource],
    resourceName: name,
    resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
  };
}

function keyStores(
  folder: string,
  { certificate, privateKey }: Issued,
  trusted: string,
  version: string,
): Record<string, string> {
  const keyStore = join(folder, `broker-${version}.pem`);
  const trustStore = join(folder, `trusted-${version}.pem`);
  writeFileSync(keyStore, `${privateKey}${certificate}`);
  writeFileSync(trustStore, trusted);
  return Object.fromEntries(
    ['sasl_ssl', 'mtls'].flatMap((listener) => [
      [`listener.name.${listener}.ssl.keystore.type`, 'PEM'],
      [`listener.name.${listener}.ssl.keystore.location`, keyStore],
      [`listener.name.${listener}.ssl.truststore.type`, 'PEM'],
      [`listener.name.${listener}.ssl.truststore.location`, trustStore],
    ]),
  );
}

async function configureTls(brokers: string[], stores: Record<string, string>): Promise<void> {
  const configEntries = Object.entries(stores).map(([name, value]) => ({ name, value }));
  const resources = [{ type: ConfigResourceTypes.BROKER, name: '1', configEntries }];
  await withAdmin(brokers, (admin) => admin.alterConfigs({ resources, validateOnly: false }));
}
