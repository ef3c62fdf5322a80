import { expect, test } from '@jest/globals';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { OBJECT_SETS, podTemplates } from '../support/manifest-objects.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const [CLUSTER_ROLE, ROLE] = ['ClusterRole', 'Role'].map((wanted) => {
  const role = OBJECT_SETS['operator.yaml'].find(({ kind }) => kind === wanted);
  return (role as unknown as { rules: readonly Rule[] }).rules;
});

test('the operator may watch and apply every kind that a pipeline is made of', () => {
  const made = new Set(
    [
      ...OBJECT_SETS['pipeline of examples/stocks.yaml'],
      ...OBJECT_SETS['pipeline of examples/stocks.yaml scaled by KEDA'],
    ].map(({ apiVersion, kind }) => `${groupOf(apiVersion)} ${pluralOf(kind)}`),
  );
  expect(made.size).toBe(9);
  const missing = [...made].filter(
    (kind) => !['list', 'watch', 'create', 'patch'].every((verb) => granted(kind).has(verb)),
  );
  expect(missing).toEqual([]);
});

test('it reads single Secrets only, writes no pods, and grants nobody anything', () => {
  expect([...granted(' secrets')]).toEqual(['get']);
  expect([...granted(' pods')]).toEqual(['list', 'watch']);
  const words = CLUSTER_ROLE.flatMap(({ apiGroups, resources, verbs }) => [
    ...apiGroups,
    ...resources,
    ...verbs,
  ]);
  expect(words.filter((word) => word === '*' || word === 'rbac.authorization.k8s.io')).toEqual([]);
});

test('it keeps its lease in its own namespace alone', () => {
  expect(ROLE).toEqual([
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
  ]);
  expect([...granted('coordination.k8s.io leases')]).toEqual([]);
});

test('what it may do for external metrics is held to the very objects, but for asking about rights', () => {
  const roles = OBJECT_SETS['operator.yaml'].filter(
    ({ metadata }) => metadata.name === 'tidemark-external-metrics',
  );
  const rules = roles.flatMap((role) => (role as unknown as { rules?: Rule[] }).rules ?? []);
  expect(rules.map(({ resources, resourceNames }) => [resources, resourceNames])).toEqual([
    [['apiservices'], ['v1beta1.external.metrics.k8s.io']],
    [['subjectaccessreviews'], undefined],
    [['clusterroles'], ['tidemark-external-metrics']],
    [['secrets'], ['tidemark-external-metrics']],
  ]);
  const onRoles = rules.filter(({ resources }) => resources.includes('clusterroles'));
  expect(onRoles.map(({ verbs }) => verbs)).toEqual([['get']]);
});

test('the autoscaler of Kubernetes may read the metric', () => {
  const bindings = OBJECT_SETS['operator.yaml'].filter(({ kind }) => kind === 'ClusterRoleBinding');
  expect(bindings.find(({ metadata }) => metadata.name.endsWith('-reader'))).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: 'tidemark-external-metrics-reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }],
  });
});

test('nothing of external metrics is installed where they are not wanted', () => {
  const values = operatorValues.parse({ externalMetrics: false });
  const objects = operatorObjects({ values, namespace: 'tidemark' });
  expect(objects.filter(({ metadata }) => metadata.name.includes('external-metrics'))).toEqual([]);
  const [{ template }] = podTemplates(objects);
  const { env = [] } = template.spec.containers[0];
  expect(env).toContainEqual({ name: 'TIDEMARK_EXTERNAL_METRICS', value: 'false' });
});

/** The verbs of `<group> <plural>` in all namespaces. */
function granted(kind: string): Set<string> {
  const [group, plural] = kind.split(' ');
  return new Set(
    CLUSTER_ROLE.filter((rule) => rule.apiGroups.includes(group) && rule.resources.includes(plural)).flatMap(
      ({ verbs }) => verbs,
    ),
  );
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
}

function pluralOf(kind: string): string {
  const small = kind.toLowerCase();
  return small.endsWith('y') ? `${small.slice(0, -1)}ies` : `${small}s`;
}
