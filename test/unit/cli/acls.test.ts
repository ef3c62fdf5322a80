import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { tidemark } from '../../support/tidemark.ts';

const folder = temporaryFolder();

test('the least rights of a pipeline, as a table', async () => {
  const { code, stdout } = await tidemark(['acls', 'examples/stocks.yaml']);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['RESOURCE', 'NAME', 'PATTERN', 'OPERATION', 'FOR'],
    ['topic', 'stocks', 'literal', 'Read', 'read the trades'],
    ['topic', 'stocks_averages', 'literal', 'Write', 'write what the pipeline puts there'],
    ['topic', 'stocks_late', 'literal', 'Write', 'write what the pipeline puts there'],
    ['topic', 'stocks_dead', 'literal', 'Write', 'write what the pipeline puts there'],
    ['group', 'tidemark.stocks', 'literal', 'Read', 'share the partitions and commit offsets'],
    [
      'transactionalId',
      'tidemark.stocks-stocks-',
      'prefixed',
      'Write',
      'commit results and offset together, once',
    ],
  ]);
});

test('the same as JSON, and as a KafkaUser', async () => {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: p }
spec:
  kafka:
    bootstrapServers: "kafka:9092"
    sasl: { mechanism: scram-sha-512, username: reader, passwordSecretRef: { name: s, key: k } }
  input: { topic: in }
  output: { topic: out }
  windows: [ { size: 3s } ]
`,
  );
  const json = await tidemark(['acls', file, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    user: 'reader',
    rules: [
      { resource: 'topic', name: 'in', operation: 'Read' },
      { resource: 'topic', name: 'out', operation: 'Write' },
      { resource: 'group', name: 'tidemark.p', operation: 'Read' },
      { resource: 'transactionalId', name: 'tidemark.p-in-', pattern: 'prefixed', operation: 'Write' },
    ],
  });
  const without = await tidemark(['acls', file, '--strimzi']);
  expect(without).toMatchObject({ code: 2, stdout: '' });
  expect(without.stderr).toContain('Give --cluster NAME, or set spec.kafka.cluster.');
  const user = await tidemark(['acls', file, '--strimzi', '--cluster', 'my-cluster']);
  expect(parse(user.stdout)).toMatchObject({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name: 'reader', labels: { 'strimzi.io/cluster': 'my-cluster' } },
    spec: {
      authentication: { type: 'scram-sha-512' },
      authorization: {
        type: 'simple',
        acls: [
          { resource: { type: 'topic', name: 'in', patternType: 'literal' }, operations: ['Read'] },
          { resource: { type: 'topic', name: 'out', patternType: 'literal' }, operations: ['Write'] },
          { resource: { type: 'group', name: 'tidemark.p', patternType: 'literal' }, operations: ['Read'] },
          {
            resource: { type: 'transactionalId', name: 'tidemark.p-in-', patternType: 'prefix' },
            operations: ['Write'],
          },
        ],
      },
    },
  });
});

test('a pipeline that is not in Kafka has no rights to print', async () => {
  const { code, stderr } = await tidemark(['acls', 'examples/demo.yaml']);
  expect(code).toBe(2);
  expect(stderr).toContain('Set spec.input.topic and spec.output.topic');
});

test('an input that is re-keyed: the topic between is written and read, by two groups and their transactions', async () => {
  const file = join(folder, 'rekeyed.yaml');
  writeFileSync(
    file,
    `apiVersion: tidemark.dev/v1alpha1
kind: MovingAverage
metadata: { name: p }
spec:
  input: { topic: in, rekey: true }
  output: { topic: out }
  late: { topic: late }
  windows: [ { size: 3s } ]
`,
  );
  const { stdout } = await tidemark(['acls', file, '--json']);
  const { rules } = JSON.parse(stdout) as { rules: { resource: string; name: string; operation: string }[] };
  expect(rules.map(({ resource, name, operation }) => `${operation} ${resource} ${name}`)).toEqual([
    'Read topic in',
    'Write topic tidemark.p.rekeyed',
    'Write topic late',
    'Read group tidemark.p.rekey',
    'Write transactionalId tidemark.p.rekey-in-',
    'Read topic tidemark.p.rekeyed',
    'Write topic out',
    'Read group tidemark.p',
    'Write transactionalId tidemark.p-tidemark.p.rekeyed-',
  ]);
});
