import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { desiredPipeline } from '../../src/operator/desired-pipeline.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { parsePipelineFile } from '../../src/resource/parse.ts';
import { accessRulesOf } from '../../src/kafka/access-rules.ts';
import { accessNeeds } from '../../src/cli/pipeline-topics.ts';
import { OBJECT_SETS } from '../support/manifest-objects.ts';
import { blocksOf } from '../support/readme.ts';
import { PROJECT } from '../support/tidemark.ts';

const FILE = join(PROJECT, 'docs/eks.md');
const TEXT = readFileSync(FILE, 'utf8');
const YAML = blocksOf(TEXT, 'yaml');
const PIPELINES = YAML.filter((block) => block.includes('kind: MovingAverage'));
const EKS = OBJECT_SETS['eks.yaml'];

test('every block of YAML and JSON can be read', () => {
  expect(YAML.length).toBeGreaterThan(4);
  for (const block of YAML)
    expect(() => parse(block, { strict: true, uniqueKeys: true }) as unknown).not.toThrow();
  for (const block of blocksOf(TEXT, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
});

test('its pipelines can run on a cluster as they stand', () => {
  expect(PIPELINES).toHaveLength(2);
  for (const block of PIPELINES) {
    parsePipelineFile(block, { fileName: 'docs/eks.md' });
    expect(desiredPipeline(parse(block) as KubeObject).mistakes).toEqual([]);
  }
});

test('its first pipeline is that of dist/manifests/eks.yaml', () => {
  const { metadata, spec } = parse(PIPELINES[0]) as { metadata: object; spec: object };
  expect(EKS.find(({ kind }) => kind === 'MovingAverage')).toMatchObject({ metadata, spec });
});

test('its values are values of the chart, and those that eks.yaml was made with', () => {
  const block = YAML.find((each) => each.includes('# values-eks.yaml')) ?? '';
  const { aggregators } = operatorValues.parse(parse(block));
  const operator = JSON.stringify(
    EKS.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'tidemark-operator'),
  );
  expect(operator).toContain(JSON.stringify(JSON.stringify(aggregators)).slice(1, -1));
});

test('what it names of eks.yaml is in there', () => {
  const names = EKS.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'StorageClass/tidemark-gp3',
      'Kafka/my-cluster',
      'KafkaNodePool/my-cluster-nodes',
      'KafkaUser/stocks',
    ]),
  );
});

test('its policy allows what the pipeline needs of topics, group and transactional ids', () => {
  const { Statement: statements } = JSON.parse(blocksOf(TEXT, 'json')[0]) as {
    Statement: { Action: string[]; Resource: string | string[] }[];
  };
  const allowed = statements.flatMap(({ Action, Resource }) =>
    [Resource]
      .flat()
      .flatMap((resource) => Action.map((action) => `${action} ${resource.replace(/^.*:/, '')}`)),
  );
  const pipeline = parsePipelineFile(PIPELINES[1], { fileName: 'docs/eks.md' });
  const kinds = { topic: 'topic', group: 'group', transactionalId: 'transactional-id' };
  const actions = {
    'topic Read': ['DescribeTopic', 'ReadData'],
    'topic Write': ['DescribeTopic', 'WriteData'],
    'group Read': ['DescribeGroup', 'AlterGroup'],
    'transactionalId Write': ['DescribeTransactionalId', 'AlterTransactionalId'],
  };
  const needed = accessRulesOf(accessNeeds(pipeline)).flatMap(({ resource, name, pattern, operation }) =>
    actions[`${resource} ${operation}` as keyof typeof actions].map(
      (action) =>
        `kafka-cluster:${action} ${kinds[resource]}/tidemark/*/${name}${pattern === 'prefixed' ? '*' : ''}`,
    ),
  );
  expect(allowed.filter((each) => !each.startsWith('kafka-cluster:Connect')).sort()).toEqual(needed.sort());
});

test('nodes that Kafka asks for are nodes of the cluster', () => {
  const cluster = YAML.map((block) => parse(block) as Record<string, unknown>).find(
    ({ kind }) => kind === 'ClusterConfig',
  ) as {
    managedNodeGroups: { labels: Record<string, string>; spot?: boolean }[];
    availabilityZones: string[];
  };
  const stable = cluster.managedNodeGroups.filter(({ labels }) => labels['tidemark.dev/nodes'] === 'stable');
  expect(stable).toHaveLength(1);
  expect(stable[0].spot).toBeUndefined();
  expect(cluster.availabilityZones).toHaveLength(3);
  const affinity = YAML.find((block) => block.includes('nodeAffinity')) ?? '';
  expect(affinity).toContain('{ key: tidemark.dev/nodes, operator: In, values: [stable] }');
});

test('its links lead somewhere', () => {
  const links = [...TEXT.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(2);
  expect(links.filter((path) => !existsSync(join(dirname(FILE), path)))).toEqual([]);
});
