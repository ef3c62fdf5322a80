import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  AclOperationTypes as TOPICS,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
  type AclEntry,
} from 'kafkajs';
import type { SpecInput } from '../../../src/resource/moving-average.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { OperatorProcess } from '../../support/operator-process.ts';
import { setScramPassword, startSecuredKafka, type SecuredKafka } from '../../support/secured-kafka.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { withAdmin } from '../../support/topics.ts';

const cluster = kubeCluster();
const folder = temporaryFolder();
const PASSWORDS = ['the-first-password', 'the-second-password'] as const;
let kafka: SecuredKafka;
let operator: OperatorProcess;

beforeAll(async () => {
  await installCrd(cluster.client);
  kafka = await startSecuredKafka(folder);
  const { brokers } = kafka.cluster;
  await setScramPassword(brokers, 'stocks', PASSWORDS[0]);
  await withAdmin(brokers, (admin) =>
    admin.createAcls({ acl: [TOPICS.CREATE, TOPICS.DESCRIBE, TOPICS.ALTER].map(onAllTopics) }),
  );
  operator = new OperatorProcess({
    namespace: cluster.namespace,
    kubeconfig: process.env.KUBECONFIG ?? '',
    instance: 'secured',
    image: 'tidemark:none',
  });
});

afterAll(async () => {
  await operator.end();
  await kafka.stop();
});

test('the operator logs in with the Secrets of the pipeline, says what is wrong with them, and takes new ones', async () => {
  const first = pipeline('first');
  await first.apply(spec('first'));
  const missing = await first.becomes('TopicsReady', 'KafkaUnreachable');
  expect(missing.message).toMatch(/the Secret kafka-(ca|login) .*kubectl create secret generic/);

  await secret('kafka-ca', { 'ca.crt': kafka.authority.certificate });
  await secret('kafka-login', { password: 'a-wrong-one' });
  const wrong = await first.becomes('TopicsReady', 'KafkaRefused', 90_000);
  expect(wrong.message).toContain('refused the login of the user stocks');

  await secret('kafka-login', { password: PASSWORDS[0] });
  await first.becomes('TopicsReady', 'TopicsExist', 120_000);

  await setScramPassword(kafka.cluster.brokers, 'stocks', PASSWORDS[1]);
  await secret('kafka-login', { password: PASSWORDS[1] });
  const second = pipeline('second');
  await second.apply(spec('second'));
  await second.becomes('TopicsReady', 'TopicsExist', 120_000);

  const topics = await withAdmin(kafka.cluster.brokers, (admin) => admin.listTopics());
  expect(topics).toEqual(expect.arrayContaining(['first', 'first_averages', 'second', 'second_averages']));
  const told = JSON.stringify([operator.log, await first.read(), await first.events()]);
  for (const password of [...PASSWORDS, 'a-wrong-one']) expect(told).not.toContain(password);
});

/** What docs/operations.md says of the operator's user, as far as it makes topics. */
function onAllTopics(operation: TOPICS): AclEntry {
  return {
    principal: 'User:stocks',
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation,
    resourceType: AclResourceTypes.TOPIC,
    resourceName: '*',
    resourcePatternType: ResourcePatternTypes.LITERAL,
  };
}

function pipeline(name: string): MovingAverageInCluster {
  return new MovingAverageInCluster(cluster.client, cluster.namespace, name);
}

function spec(topic: string): SpecInput {
  return {
    kafka: {
      bootstrapServers: [kafka.saslSsl],
      tls: { caSecretRef: { name: 'kafka-ca', key: 'ca.crt' } },
      sasl: {
        mechanism: 'scram-sha-512',
        username: 'stocks',
        passwordSecretRef: { name: 'kafka-login', key: 'password' },
      },
    },
    input: { topic, partitions: 2 },
    output: { topic: `${topic}_averages` },
    windows: [{ size: '3s', slide: '1s' }],
    replicas: 0,
  };
}

async function secret(name: string, stringData: Record<string, string>): Promise<void> {
  const { namespace } = cluster;
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  await cluster.client.send({
    method: 'PATCH',
    path,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData },
  });
}
