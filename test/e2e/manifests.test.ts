import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { movingAverageCrd } from '../../cdk8s/crd.ts';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { pipelineOfObject } from '../../src/resource/parse.ts';
import { yamlText } from '../../cdk8s/yaml-text.ts';
import type { MovingAverageObject } from '../../cdk8s/pipeline/pipeline-objects.ts';
import { exampleObject, OBJECT_SETS, podTemplates } from '../support/manifest-objects.ts';
import { setUp } from '../support/set-up.ts';

/*
 * Against the API server that KUBECONFIG names: everything is held against it by dry run. Written are a namespace and a
 * ClusterRole of this test, which go again, and CustomResourceDefinitions, which stay.
 */
const STRIMZI = fileURLToPath(new URL('../fixtures/strimzi/', import.meta.url));
const KUBECTL = join(setUp('kubernetes-tools'), 'kubectl');
const NAMESPACE = `tidemark-manifests-${randomBytes(4).toString('hex')}`;

/** No CustomResourceDefinition of theirs is published in a way that a test could get it. KEDA itself is in providers/. */
const NOT_INSTALLED = ['monitoring.coreos.com/v1', 'keda.sh/v1alpha1'];

beforeAll(() => {
  if (process.env.KUBECONFIG === undefined) throw new Error('Set KUBECONFIG to the cluster to test against.');
  const crds = ['kafka', 'kafkanodepool', 'kafkatopic', 'kafkauser'];
  apply(crds.map((name) => readFileSync(join(STRIMZI, `${name}.yaml`), 'utf8')).join('---\n'));
  apply(yamlText([movingAverageCrd()]));
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  kubectl(['create', 'namespace', NAMESPACE]);
  kubectl(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted']);
}, 120_000);

afterAll(() => {
  kubectl(['delete', 'clusterrole,clusterrolebinding', NAMESPACE, '--ignore-not-found']);
  kubectl(['delete', 'namespace', NAMESPACE, '--wait=false', '--ignore-not-found']);
});

test.each(Object.entries(OBJECT_SETS))('%s: the API server takes every object as it is', (_name, objects) => {
  const known = objects.filter(({ apiVersion }) => !NOT_INSTALLED.includes(apiVersion)).map(inTestNamespace);
  const { status, stderr } = dryRun(yamlText(known));
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('Warning') });
});

const PODS = Object.entries(OBJECT_SETS).flatMap(([name, objects]) =>
  podTemplates(objects).map(({ title, template }): [string, KubernetesObject] => [
    `${name}: ${title}`,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a-pod', namespace: NAMESPACE, labels: template.metadata.labels },
      spec: template.spec,
    },
  ]),
);

test.each(PODS)('a namespace that is restricted admits the pods of %s', (_title, pod) => {
  const { serviceAccountName = 'default' } = pod.spec as { serviceAccountName?: string };
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: serviceAccountName, namespace: NAMESPACE },
  };
  apply(yamlText([account]));
  expect(dryRun(yamlText([pod]))).toMatchObject({ status: 0, stderr: '' });
});

test('such a namespace refuses a pod that may become root', () => {
  const [, pod] = PODS[0];
  const spec = { ...(pod.spec as object), securityContext: {} };
  const { status, stderr } = dryRun(yamlText([{ ...pod, spec }]));
  expect(status).not.toBe(0);
  expect(stderr).toContain('violates PodSecurity "restricted:latest"');
});

describe("the operator's rights", () => {
  const account = `system:serviceaccount:${NAMESPACE}:tidemark-operator`;

  beforeAll(() => {
    const role = OBJECT_SETS['operator.yaml'].find(({ kind }) => kind === 'ClusterRole');
    const subjects = [{ kind: 'ServiceAccount', name: 'tidemark-operator', namespace: NAMESPACE }];
    const { apiVersion, rules } = role as KubernetesObject & { rules: unknown };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAMESPACE };
    const metadata = { name: NAMESPACE };
    apply(
      yamlText([
        { apiVersion, kind: 'ClusterRole', metadata, rules },
        { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
      ]),
    );
  });

  test.each(Object.keys(OBJECT_SETS).filter((name) => name.startsWith('pipeline of')))(
    'suffice to apply the %s',
    (name) => {
      const known = OBJECT_SETS[name].filter(({ apiVersion }) => !NOT_INSTALLED.includes(apiVersion));
      expect(dryRun(yamlText(known.map(inTestNamespace)), ['--as', account])).toMatchObject({ status: 0 });
    },
  );

  test.each([
    ['watch', 'movingaverages.tidemark.dev', 'yes'],
    ['patch', 'movingaverages.tidemark.dev/status', 'yes'],
    ['create', 'events.events.k8s.io', 'yes'],
    ['get', 'secrets', 'yes'],
    ['list', 'secrets', 'no'],
    ['create', 'pods', 'no'],
    ['create', 'pods/exec', 'no'],
    ['create', 'clusterrolebindings', 'no'],
    ['delete', 'namespaces', 'no'],
  ])('to %s %s: %s', (verb, resource, answer) => {
    const args = ['auth', 'can-i', verb, resource, '--as', account, '--all-namespaces'];
    const { stdout } = spawnSync(KUBECTL, args, { encoding: 'utf8' });
    expect(stdout.trim()).toBe(answer);
  });
});

describe('a MovingAverage', () => {
  const { kafka, input, output, windows } = exampleObject('stocks').spec;
  const fixed = { kafka, input, output, windows };

  test.each([
    ['windows over days', { windows: [{ size: '2d', slide: '1d12h' }] }],
    ['a window that spans what another unit says', { windows: [{ size: '1m1s', slide: '61s' }] }],
    ['windows over time and over trades', { windows: [{ size: '3s' }, { trades: 10, every: 3 }] }],
    ['brokers as a text', { kafka: { bootstrapServers: 'a:9092,b:9092' } }],
    [
      'the name of a field and its short form alike',
      { input: { topic: 's', key: 'x', fields: { symbol: 'x' } } },
    ],
  ])('with %s is taken', (_what, change) => {
    const object = withSpec({ ...fixed, ...change });
    expect(dryRun(yamlText([object]))).toMatchObject({ status: 0 });
    expect(() => pipelineOfObject(object)).not.toThrow();
  });

  test.each([
    [
      'a slide beyond its size',
      { windows: [{ size: '1m', slide: '61s' }] },
      /windows\[0\]\.slide.*at most the size/,
    ],
    ['a slide of days', { windows: [{ size: '36h', slide: '2d' }] }, /windows\[0\]\.slide.*at most the size/],
    ['a window of no length', { windows: [{ size: '0s' }] }, /windows\[0\]\.size.*above zero/],
    [
      'a window of two kinds',
      { windows: [{ size: '3s', trades: 3 }] },
      /windows\[0\].*over time.*or over trades/,
    ],
    ['a window of no kind', { windows: [{}] }, /windows\[0\].*over time.*or over trades/],
    [
      'results rarer than trades',
      { windows: [{ trades: 3, every: 4 }] },
      /windows\[0\]\.every.*at most trades/,
    ],
    [
      'the same window twice',
      { windows: [{ size: '3s' }, { size: '3000ms', slide: '3s' }] },
      /windows.*twice/,
    ],
    ['two ways to Kafka', { kafka: { cluster: 'a', bootstrapServers: ['b:9092'] } }, /kafka.*oneOf/],
    ['no way to Kafka', { kafka: { tls: {} } }, /kafka.*oneOf/],
    ['results into its input', { output: { topic: 'stocks' } }, /output\.topic.*feed on itself/],
    ['late trades into its input', { late: { topic: 'stocks' } }, /late\.topic.*feed on itself/],
    [
      'more replicas than partitions',
      { scaling: { maxReplicas: 13 } },
      /scaling\.maxReplicas.*input\.partitions/,
    ],
    [
      'a least above the most',
      { scaling: { minReplicas: 3, maxReplicas: 2 } },
      /maxReplicas.*at least minReplicas/,
    ],
    [
      'replicas and scaling',
      { replicas: 2, scaling: { maxReplicas: 3 } },
      /replicas.*scaling, which decides/,
    ],
    [
      'a key beside another symbol',
      { input: { topic: 's', key: 'x', fields: { symbol: 'y' } } },
      /key is short for/,
    ],
    ['a field for two parts', { input: { topic: 's', fields: { price: 3, time: 3 } } }, /field of its own/],
    [
      'positions in JSON',
      { input: { topic: 's', format: 'json', fields: { price: 3 } } },
      /only CSV has positions/,
    ],
    ['a letter between fields', { input: { topic: 's', delimiter: 'x' } }, /delimiter.*no letter/],
    ['a measure twice', { output: { topic: 'o', measures: ['min', 'min'] } }, /measures.*duplicate/],
    ['a topic named by dots', { output: { topic: '..' } }, /output\.topic.*name of a Kafka topic/],
    ['a field that is none', { window: [] }, /spec\.window: field not declared/],
  ])('with %s is refused, by the API server as by the pipeline file', (_what, change, why) => {
    const object = withSpec({ ...fixed, ...change });
    const { status, stderr } = dryRun(yamlText([object]));
    expect(status).not.toBe(0);
    expect(stderr).toMatch(why);
    expect(() => pipelineOfObject(object)).toThrow();
  });

  test.each([
    ['without Kafka', { kafka: undefined }, /spec\.kafka: Required/],
    ['that reads a file', { input: { file: 'trades.csv' } }, /spec\.input.*reads a Kafka topic/],
    ['that writes a file', { output: { file: 'averages.csv' } }, /spec\.output.*to a Kafka topic/],
  ])('%s is a pipeline file, but none for a cluster', (_what, change, why) => {
    const object = withSpec({ ...fixed, ...change });
    expect(dryRun(yamlText([object])).stderr).toMatch(why);
  });

  test('may grow in partitions, but not shrink, nor forget how many they are', () => {
    const stocks = withSpec(fixed);
    const partitioned = (partitions?: number) =>
      yamlText([withSpec({ ...fixed, input: { topic: 'stocks', partitions } })]);
    apply(yamlText([stocks]));
    expect(dryRun(partitioned(24))).toMatchObject({ status: 0 });
    expect(dryRun(partitioned(6)).stderr).toMatch(/partitions may only grow/);
    expect(dryRun(partitioned()).stderr).toMatch(/partitions may only grow/);
  });

  test('is scaled by kubectl scale, unless its scaling decides', () => {
    const scale = (name: string) =>
      spawnSync(KUBECTL, ['scale', 'movingaverage', name, '--replicas', '3', '--namespace', NAMESPACE], {
        encoding: 'utf8',
      });
    apply(yamlText([withSpec({ ...fixed, replicas: 1 }, 'fixed')]));
    apply(yamlText([withSpec({ ...fixed, scaling: { maxReplicas: 3 } }, 'scaled')]));
    expect(scale('fixed')).toMatchObject({ status: 0 });
    expect(scale('scaled').stderr).toMatch(/scaling, which decides/);
  });

  function withSpec(spec: object, name = 'stocks'): MovingAverageObject & KubernetesObject {
    const { apiVersion, kind } = exampleObject('stocks');
    return {
      apiVersion,
      kind,
      metadata: { name, namespace: NAMESPACE },
      spec: spec as MovingAverageObject['spec'],
    };
  }
});

function inTestNamespace(object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  return metadata.namespace === undefined
    ? object
    : { ...object, metadata: { ...metadata, namespace: NAMESPACE } };
}

/** Server-side apply without writing; fields that the schema does not know are mistakes. */
function dryRun(yaml: string, options: readonly string[] = []) {
  const args = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--dry-run=server',
    '--validate=strict',
    '-f',
    '-',
  ];
  const { status, stderr } = spawnSync(KUBECTL, [...args, ...options], { input: yaml, encoding: 'utf8' });
  return { status, stderr };
}

function apply(yaml: string): void {
  execFileSync(KUBECTL, ['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: yaml,
    stdio: 'pipe',
  });
}

function kubectl(args: readonly string[]): void {
  execFileSync(KUBECTL, args, { stdio: 'pipe' });
}
