import { expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { OBJECT_SETS, podTemplates, titleOf, type PodTemplate } from '../support/manifest-objects.ts';

type Labels = Readonly<Record<string, string>>;

const SETS = Object.entries(OBJECT_SETS);

test.each(SETS)("%s: a Deployment selects its own pods, and no other Deployment's", (_name, objects) => {
  const pods = podTemplates(objects);
  for (const { object, title } of pods) {
    const { selector } = object.spec as { selector: { matchLabels: Labels } };
    const selected = pods.filter(({ template }) => selects(selector.matchLabels, template.metadata.labels));
    expect(selected.map((pod) => pod.title)).toEqual([title]);
  }
});

test.each(SETS)('%s: whatever selects pods selects some of the set', (_name, objects) => {
  const labels = podTemplates(objects).map(({ template }) => template.metadata.labels);
  const idle = objects.filter((object) => {
    const selector = podSelectorOf(object);
    return selector !== undefined && !labels.some((each) => selects(selector, each));
  });
  expect(idle.map(titleOf)).toEqual([]);
});

test.each(SETS)(
  '%s: what a pod is named with is in the set: account, pipeline file, autoscaler',
  (_name, objects) => {
    const titles = new Set(objects.map(titleOf));
    const scaled = objects
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ spec }) => (spec as { scaleTargetRef: { kind: string; name: string } }).scaleTargetRef)
      .map(({ kind, name }) => `${kind} ${name}`);
    const named = [...scaled, ...podTemplates(objects).flatMap(({ template }) => namedIn(template))];
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  },
);

test.each(SETS)('%s: objects of the cluster have no namespace, all others have one', (_name, objects) => {
  const ofTheCluster = /^(Namespace|ClusterRole|ClusterRoleBinding|StorageClass|CustomResourceDefinition)$/;
  const odd = objects.filter(
    ({ kind, metadata }) => ofTheCluster.test(kind) === (metadata.namespace !== undefined),
  );
  expect(odd.map(titleOf)).toEqual([]);
});

function namedIn({ spec: { serviceAccountName, volumes = [] } }: PodTemplate): string[] {
  const account = serviceAccountName === undefined ? [] : [`ServiceAccount ${serviceAccountName}`];
  return [...account, ...configMapsOf(volumes).map((name) => `ConfigMap ${name}`)];
}

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function podSelectorOf({ kind, spec }: KubernetesObject): Labels | undefined {
  switch (kind) {
    case 'Service':
      return (spec as { selector: Labels }).selector;
    case 'NetworkPolicy':
      return (spec as { podSelector: { matchLabels: Labels } }).podSelector.matchLabels;
    case 'PodDisruptionBudget':
    case 'PodMonitor':
      return (spec as { selector: { matchLabels: Labels } }).selector.matchLabels;
    default:
      return undefined;
  }
}

function configMapsOf(volumes: readonly Record<string, unknown>[]): string[] {
  return volumes.flatMap(({ projected }) => {
    const { sources = [] } = (projected ?? {}) as { sources?: { configMap?: { name: string } }[] };
    return sources.flatMap(({ configMap }) => configMap?.name ?? []);
  });
}
