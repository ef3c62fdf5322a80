import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { OBJECT_SETS, podTemplates, titleOf } from '../support/manifest-objects.ts';

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
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  expect(ROLE).toEqual([
    { ...leases, resourceNames: ['tidemark-operator'], verbs: ['get', 'update'] },
    { ...leases, verbs: ['create'] },
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

describe('with namespaces to watch', () => {
  const watched = { watchNamespaces: ['trading', 'research'] };

  test('what pipelines need is granted in these alone, and is what is granted in all without', () => {
    const roles = objectsWith(watched).filter(({ metadata }) => metadata.name === 'tidemark-pipelines');
    expect(roles.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}`)).toEqual([
      'Role trading',
      'RoleBinding trading',
      'Role research',
      'RoleBinding research',
    ]);
    for (const role of roles.filter(({ kind }) => kind === 'Role')) expect(role.rules).toEqual(CLUSTER_ROLE);
    for (const binding of roles.filter(({ kind }) => kind === 'RoleBinding')) {
      expect(binding).toMatchObject({
        roleRef: { kind: 'Role', name: 'tidemark-pipelines' },
        subjects: [{ kind: 'ServiceAccount', name: 'tidemark-operator', namespace: 'tidemark' }],
      });
    }
  });

  test('of the whole cluster there are only the rights to serve external metrics, and the CRD', () => {
    expect(ofTheCluster(objectsWith(watched))).toEqual([
      'CustomResourceDefinition movingaverages.tidemark.dev',
      'ClusterRole tidemark-external-metrics',
      'ClusterRoleBinding tidemark-external-metrics',
    ]);
  });

  test('without external metrics and the CRD there is nothing of the whole cluster', () => {
    const objects = objectsWith({ ...watched, externalMetrics: false, installCrd: false });
    expect(ofTheCluster(objects)).toEqual([]);
    const places = new Set(objects.map(({ metadata }) => metadata.namespace));
    expect(places).toEqual(new Set(['tidemark', 'trading', 'research']));
  });

  test('the autoscaler may read the metric of their pipelines alone', () => {
    const readers = objectsWith(watched).filter(({ metadata }) => metadata.name.endsWith('-reader'));
    expect(readers.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}`)).toEqual([
      'Role trading',
      'RoleBinding trading',
      'Role research',
      'RoleBinding research',
    ]);
  });

  test('the operator is told to look at these alone; without it is told none, which are all', () => {
    expect(environmentOf(objectsWith(watched))).toContainEqual({
      name: 'TIDEMARK_NAMESPACE',
      value: 'trading,research',
    });
    expect(environmentOf(objectsWith({}))).toContainEqual({ name: 'TIDEMARK_NAMESPACE', value: '' });
  });

  test('its own namespace may be one of them', () => {
    const objects = objectsWith({ watchNamespaces: ['tidemark'] });
    const titles = objects.map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    );
    expect(new Set(titles).size).toBe(titles.length);
  });
});

test('nothing of external metrics is installed where they are not wanted', () => {
  const objects = objectsWith({ externalMetrics: false });
  expect(objects.filter(({ metadata }) => metadata.name.includes('external-metrics'))).toEqual([]);
  expect(JSON.stringify(objects.filter(({ kind }) => kind.endsWith('Role')))).not.toContain('apiservices');
  expect(environmentOf(objects)).toContainEqual({ name: 'TIDEMARK_EXTERNAL_METRICS', value: 'false' });
});

function objectsWith(values: object): KubernetesObject[] {
  return operatorObjects({ values: operatorValues.parse(values), namespace: 'tidemark' });
}

function ofTheCluster(objects: readonly KubernetesObject[]): string[] {
  return objects.filter(({ metadata }) => metadata.namespace === undefined).map(titleOf);
}

function environmentOf(objects: readonly KubernetesObject[]) {
  const [{ template }] = podTemplates(objects);
  return template.spec.containers[0].env ?? [];
}

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
