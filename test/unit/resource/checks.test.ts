import { expect, test } from '@jest/globals';
import { mistakesIn, pipelineIn, withSpec } from './pipeline-of-file.ts';

const WINDOWS = 'windows: [{ size: 3s }]';
const manyWindows = (count: number) =>
  `{ windows: [${Array.from({ length: count }, (_, index) => `{ trades: ${index + 1} }`).join(', ')}] }`;

test.each([
  [
    '{ windows: [{ size: 3s }], input: { fields: { price: 2000000000 } } }',
    'spec.input.fields.price',
    'or its position from 1 to 10,000, found 2000000000',
  ],
  [
    '{ windows: [{ size: 3s }], input: { fields: { symbol: 1, price: 1 } } }',
    'spec.input.fields.price',
    'expected a field of its own, found 1, which is symbol already',
  ],
  [
    '{ windows: [{ size: 3s }], input: { file: trades.csv, rekey: true } }',
    'spec.input.rekey',
    'is for a topic, whose partitions a symbol may be spread over, and not for file',
  ],
  [
    '{ windows: [{ size: 3s }], emit: update, input: { topic: stocks, rekey: true } }',
    'spec.emit',
    'expected final with input.rekey',
  ],
  [
    '{ windows: [{ size: 3s }], input: { topic: stocks, partitions: 401, rekey: true } }',
    'spec.input.partitions',
    'expected at most 400 with rekey, found 401',
  ],
  [
    '{ windows: [{ size: 3s }], input: { topic: stocks, rekey: yes please } }',
    'spec.input.rekey',
    'expected true or false',
  ],
  ['{ windows: 3s }', 'spec.windows', 'expected a list of 1 to 16 windows'],
  [manyWindows(17), 'spec.windows', 'found a list of 17'],
  [
    '{ windows: [{ size: 0s }] }',
    'spec.windows[0].size',
    'expected a duration above zero such as 3s, found "0s"',
  ],
  ['{ windows: [{ size: "3" }] }', 'spec.windows[0].size', 'found 3 without a unit: write 3s'],
  ['{ windows: [{ size: 1.5s }] }', 'spec.windows[0].size', 'such as 3s, found "1.5s"'],
  ['{ windows: [{ slide: 3s }] }', 'spec.windows[0].size', 'is missing'],
  ['{ windows: [{ every: 3 }] }', 'spec.windows[0].trades', 'is missing'],
  [
    '{ windows: [{ trades: 3, every: 4 }] }',
    'spec.windows[0].every',
    'expected at most trades, which is 3, found 4',
  ],
  [
    '{ windows: [{ size: 1m }, { size: 60s, slide: 1m }] }',
    'spec.windows[1]',
    'is the same window as spec.windows[0]',
  ],
  [
    '{ windows: [{ trades: 9 }, { trades: 9, every: 9 }] }',
    'spec.windows[1]',
    'is the same window as spec.windows[0]',
  ],
  [
    `{ ${WINDOWS}, watermark: { delay: 5 } }`,
    'spec.watermark.delay',
    'expected a duration such as 5s, found 5 without',
  ],
  [`{ ${WINDOWS}, watermark: { idleAfter: 0s } }`, 'spec.watermark.idleAfter', 'above zero'],
  [
    `{ ${WINDOWS}, input: { topic: stocks, format: avro } }`,
    'spec.schemaRegistry',
    'is missing: avro needs the registry that has the schemas',
  ],
  [
    `{ ${WINDOWS}, input: { file: a, format: protobuf }, schemaRegistry: { url: "http://r:8081" } }`,
    'spec.input.format',
    'expected csv or json because a file has lines, found protobuf',
  ],
  [
    `{ ${WINDOWS}, schemaRegistry: { url: "http://r:8081", username: stocks } }`,
    'spec.schemaRegistry.passwordSecretRef',
    'is missing: a login is a username and a passwordSecretRef',
  ],
  [
    `{ ${WINDOWS}, schemaRegistry: { url: "http://stocks:hunter2@r:8081" } }`,
    'spec.schemaRegistry.url',
    'found one with a login inside: put the password into a Secret',
  ],
  [
    `{ ${WINDOWS}, input: { topic: a, format: avro, fields: { price: 3 } }, schemaRegistry: { url: "http://r" } }`,
    'spec.input.fields.price',
    'because avro has no positions, found 3',
  ],
  [`{ ${WINDOWS}, kafka: { } }`, 'spec.kafka', 'expected cluster or bootstrapServers'],
  [
    `{ ${WINDOWS}, kafka: { cluster: a, bootstrapServers: b:1 } }`,
    'spec.kafka.bootstrapServers',
    'one too many beside cluster',
  ],
  [
    `{ ${WINDOWS}, kafka: { bootstrapServers: [a:1, b] } }`,
    'spec.kafka.bootstrapServers[1]',
    'expected host:port such as kafka:9092, found "b"',
  ],
  [`{ ${WINDOWS}, kafka: { bootstrapServers: "a:1,b" } }`, 'spec.kafka.bootstrapServers', '"b" among them'],
  [`{ ${WINDOWS}, kafka: { bootstrapServers: a:70000 } }`, 'spec.kafka.bootstrapServers', 'host:port'],
  [
    `{ ${WINDOWS}, kafka: { cluster: a, sasl: { mechanism: gssapi, username: u, passwordSecretRef: { name: s, key: p } } } }`,
    'spec.kafka.sasl.mechanism',
    'expected plain, scram-sha-256, scram-sha-512, oauthbearer or aws-msk-iam, found "gssapi"',
  ],
  [
    `{ ${WINDOWS}, kafka: { cluster: a, sasl: { mechanism: plain, username: u } } }`,
    'spec.kafka.sasl.passwordSecretRef',
    'is missing: plain needs username, passwordSecretRef',
  ],
  [
    `{ ${WINDOWS}, kafka: { cluster: a, sasl: { mechanism: aws-msk-iam, region: eu-central-1, username: u } } }`,
    'spec.kafka.sasl.username',
    'is not for aws-msk-iam, which takes region: take it out',
  ],
  [
    `{ ${WINDOWS}, kafka: { cluster: a, sasl: { mechanism: oauthbearer, tokenEndpoint: "https://u:p@sso/t", clientId: c, clientSecretRef: { name: s, key: k } } } }`,
    'spec.kafka.sasl.tokenEndpoint',
    'found one with a login inside',
  ],
  [`{ ${WINDOWS}, redis: { } }`, 'spec.redis', 'expected url, sentinel or cluster'],
  [
    `{ ${WINDOWS}, redis: { url: "redis://r", cluster: ["a:1"] } }`,
    'spec.redis.cluster',
    'one too many beside url',
  ],
  [
    `{ ${WINDOWS}, redis: { sentinel: { addresses: ["a:1"] } } }`,
    'spec.redis.sentinel.master',
    'is missing: expected the name of a primary such as mymaster',
  ],
  [
    `{ ${WINDOWS}, redis: { url: "http://redis" } }`,
    'spec.redis.url',
    'redis://redis:6379, found "http://redis"',
  ],
  [`{ ${WINDOWS}, input: { topic: .. } }`, 'spec.input.topic', 'the name of a Kafka topic'],
  [`{ ${WINDOWS}, input: { topic: a/b } }`, 'spec.input.topic', 'found "a/b"'],
  [
    `{ ${WINDOWS}, input: { socket: "localhost:1" } }`,
    'spec.input.socket',
    'tcp://host:port such as tcp://localhost:9999',
  ],
  [
    `{ ${WINDOWS}, input: { demo: { rate: 0 } } }`,
    'spec.input.demo.rate',
    'above zero such as 1000, found 0',
  ],
  [`{ ${WINDOWS}, input: { demo: { rate: .inf } } }`, 'spec.input.demo.rate', 'found Infinity'],
  [`{ ${WINDOWS}, input: { demo: { lateShare: 2 } } }`, 'spec.input.demo.lateShare', 'a share from 0 to 1'],
  [
    `{ ${WINDOWS}, input: { fields: { price: 0 } } }`,
    'spec.input.fields.price',
    'position from 1 to 10,000, found 0',
  ],
  [
    `{ ${WINDOWS}, input: { key: a, fields: { symbol: b } } }`,
    'spec.input.key',
    'names "a", but fields.symbol',
  ],
  [`{ ${WINDOWS}, input: { priceDecimals: 10 } }`, 'spec.input.priceDecimals', 'from 0 to 9'],
  [`{ ${WINDOWS}, input: { delimiter: "5" } }`, 'spec.input.delimiter', 'no letter, digit'],
  [
    `{ ${WINDOWS}, input: { topic: s }, output: { topic: s } }`,
    'spec.output.topic',
    'other than the input such as s_output',
  ],
  [`{ ${WINDOWS}, input: { file: s }, late: { file: s } }`, 'spec.late.file', 'other than the input'],
  [`{ ${WINDOWS}, output: { topic: a, file: b } }`, 'spec.output.file', 'one too many beside topic'],
  [`{ ${WINDOWS}, output: { measures: [] } }`, 'spec.output.measures', 'found an empty list'],
  [`{ ${WINDOWS}, deadLetters: }`, 'spec.deadLetters', 'expected topic or file'],
  [
    `{ ${WINDOWS}, scaling: { minReplicas: 3, maxReplicas: 2 } }`,
    'spec.scaling.maxReplicas',
    'at least minReplicas, which is 3, found 2',
  ],
  [
    `{ ${WINDOWS}, scaling: { maxReplicas: 3 }, input: { partitions: 2 } }`,
    'spec.scaling.maxReplicas',
    'at most input.partitions, which is 2',
  ],
  [
    `{ ${WINDOWS}, replicas: 2, scaling: { maxReplicas: 3 } }`,
    'spec.replicas',
    'does not go with scaling, which decides how many run',
  ],
  [
    `{ ${WINDOWS}, resources: { requests: { cpu: 2 } } }`,
    'spec.resources.requests.cpu',
    'expected a text such as 500m, found 2 without quotes',
  ],
  [
    `{ ${WINDOWS}, resources: { limits: { memory: 512MB } } }`,
    'spec.resources.limits.memory',
    'expected a text such as 512Mi, found "512MB"',
  ],
  [
    `{ ${WINDOWS}, deletionPolicy: retain }`,
    'spec.deletionPolicy',
    'expected Retain or Delete, found "retain"',
  ],
  [`{ ${WINDOWS}, foo: 1 }`, 'spec.foo', 'is not a known key; known here: kafka, redis'],
  [`{ windwos: [{ size: 3s }] }`, 'spec.windwos', 'did you mean windows?'],
])('%s is a mistake', (spec, path, message) => {
  expect(mistakesIn(withSpec(spec))).toEqual([
    { path, origin: expect.stringMatching(/^p\.yaml:4:\d+$/), message: expect.stringContaining(message) },
  ]);
});

test('windows may be cut into a million panes and no more', () => {
  expect(pipelineIn(withSpec('{ windows: [{ size: 1000s, slide: 1ms }] }')).windows).toHaveLength(1);
  expect(
    mistakesIn(withSpec('{ windows: [{ size: 1000s, slide: 1ms }], watermark: { delay: 5s } }')),
  ).toEqual([
    {
      path: 'spec.watermark.delay',
      origin: 'p.yaml:4:69',
      message:
        'the largest size and watermark.delay, together 16m45s, would take 1,005,000 panes of 1ms, which is all that ' +
        'the sizes and slides divide by, and 1,000,000 are allowed: choose ones that divide by 10ms, or less time',
    },
  ]);
  expect(mistakesIn(withSpec('{ windows: [{ size: 1d }, { size: 7ms }] }'))).toMatchObject([
    { path: 'spec.windows', origin: 'p.yaml:4:18' },
  ]);
});

test('a password is not repeated in a message', () => {
  const [mistake] = mistakesIn(withSpec(`{ ${WINDOWS}, redis: { url: "redis://:hunter2@redis" } }`));
  expect(mistake.message).not.toContain('hunter2');
});
