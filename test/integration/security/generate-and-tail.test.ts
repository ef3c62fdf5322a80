import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccessRule } from '../../../src/kafka/access-rules.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import {
  grant,
  setScramPassword,
  startSecuredKafka,
  type SecuredKafka,
} from '../../support/secured-kafka.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Tidemark, type Finished } from '../../support/tidemark.ts';
import { createTopics } from '../../support/topics.ts';

const folder = temporaryFolder();
const secrets = new MountedSecrets(join(folder, 'secrets'));
let kafka: SecuredKafka;

beforeAll(async () => {
  kafka = await startSecuredKafka(folder);
  const { brokers } = kafka.cluster;
  await createTopics(brokers, { stocks: 2, stocks_averages: 1 });
  secrets.set('kafka-ca', { 'ca.crt': kafka.authority.certificate });
  for (const user of ['feed', 'reader']) {
    await setScramPassword(brokers, user, `${user}-secret`);
    secrets.set(user, { password: `${user}-secret` });
  }
  const onStocks = (operation: AccessRule['operation']): AccessRule => ({
    ...{ resource: 'topic', name: 'stocks', pattern: 'literal' },
    ...{ operation, why: 'the test' },
  });
  await grant(brokers, 'feed', [onStocks('Write')]);
  await grant(brokers, 'reader', [onStocks('Read')]);
});

afterAll(() => kafka.stop());

/** A command with the pipeline as one of the users sees it. */
function as(user: string, command: string, ...args: string[]): Promise<Finished> {
  const file = join(folder, `${user}.yaml`);
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: stocks }
spec:
  kafka:
    bootstrapServers: ["${kafka.saslSsl}"]
    tls: { caSecretRef: { name: kafka-ca, key: ca.crt } }
    sasl: { mechanism: scram-sha-512, username: ${user}, passwordSecretRef: { name: ${user}, key: password } }
  input: { topic: stocks }
  output: { topic: stocks_averages }
  windows: [ { size: 3s } ]
`,
  );
  const env = { TIDEMARK_SECRETS: secrets.folder };
  return new Tidemark([command, file, ...args], { env }).finished;
}

test('to generate takes the right to write the topic alone, and to tail the right to read it alone', async () => {
  const generated = await as('feed', 'generate', '--count', '50', '--rate', '10000', '--json');
  expect(generated).toMatchObject({ code: 0, stderr: '' });
  const tailed = await as('reader', 'tail', '--topic', 'input', '--from', 'beginning', '--no-follow');
  expect(tailed).toMatchObject({ code: 0, stderr: '' });
  expect(tailed.stdout.trimEnd().split('\n')).toHaveLength(50);
});

test('who lacks the right is told which', async () => {
  const generated = await as('reader', 'generate', '--count', '1');
  expect(generated).toMatchObject({ code: 1, stdout: '' });
  expect(generated.stderr).toContain('lacks Write on the topic stocks');
  const tailed = await as('feed', 'tail', '--topic', 'input', '--from', 'beginning', '--no-follow');
  expect(tailed).toMatchObject({ code: 1, stdout: '' });
  expect(tailed.stderr).toContain('lacks Read on the topic stocks');
});
