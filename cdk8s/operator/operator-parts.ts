import { VERSION } from '../version.ts';
import { objectsOf, type KubernetesObject } from '../kubernetes-object.ts';
import { movingAverageCrd } from '../crd.ts';
import type { Construct } from 'constructs';
import { addOperatorDeployment } from './deployment.ts';
import { addOperatorDisruptionBudget } from './disruption-budget.ts';
import { addExternalMetrics, addExternalMetricsRights } from './external-metrics.ts';
import { addClusterMetricsReader, addNamespaceMetricsReader } from './metrics-reader.ts';
import { addOperatorNetworkPolicy } from './network-policy.ts';
import { addOperatorPodMonitor } from './pod-monitor.ts';
import { addAlerts } from './prometheus-rule.ts';
import { addClusterRights, addNamespaceRights, addOwnRights } from './rights.ts';
import { addOperatorService } from './service.ts';
import { addOperatorServiceAccount } from './service-account.ts';
import { OPERATOR_SELECTOR } from './operator-names.ts';
import type { OperatorValues } from './operator-values.ts';

/** Objects that come and go together; one file of the chart. */
export interface OperatorPart extends PartTerms {
  readonly name: string;
  /** With `each`, those of one of its namespaces. */
  readonly objects: (namespace?: string) => readonly KubernetesObject[];
}

/** Whether there is a part, and how often. The values are `true`, `false` or lists; a list counts if something is in it. */
export interface PartTerms {
  /** There is none unless all of these count. */
  readonly when?: readonly unknown[];
  /** There is none if one of these counts. */
  readonly unless?: readonly unknown[];
  /** There is one in each of these namespaces, instead of one. */
  readonly each?: readonly string[];
}

/** What every construct of the operator is made from. */
export interface OperatorContext {
  readonly values: OperatorValues;
  /** That of the operator itself. */
  readonly namespace: string;
}

/**
 * All that installs the operator. `values` may be references into a chart's values instead of the values themselves,
 * so that no construct here looks into one or counts on its type.
 */
export function operatorParts(context: OperatorContext): OperatorPart[] {
  const { values } = context;
  const { watchNamespaces, externalMetrics } = values;
  const labels = {
    ...OPERATOR_SELECTOR,
    'app.kubernetes.io/part-of': 'tidemark',
    'app.kubernetes.io/version': VERSION,
  };
  const part = (name: string, add: Add, terms: PartTerms = {}): OperatorPart => ({
    name,
    ...terms,
    objects: (namespace = context.namespace) =>
      objectsOf({ labels, ...(!OF_NO_NAMESPACE.has(add) && { namespace }) }, (chart) => {
        add(chart, context);
      }),
  });
  return [
    { name: 'crd', when: [values.installCrd], objects: () => [keptCrd()] },
    part('service-account', addOperatorServiceAccount),
    part('cluster-rights', addClusterRights, { unless: [watchNamespaces] }),
    part('namespace-rights', addNamespaceRights, { each: watchNamespaces }),
    part('rights', addOwnRights),
    part('external-metrics-rights', addExternalMetricsRights, { when: [externalMetrics] }),
    part('external-metrics-reader', addClusterMetricsReader, {
      when: [externalMetrics],
      unless: [watchNamespaces],
    }),
    part('external-metrics-namespace-reader', addNamespaceMetricsReader, {
      when: [externalMetrics],
      each: watchNamespaces,
    }),
    part('external-metrics', addExternalMetrics, { when: [externalMetrics] }),
    part('network-policy', addOperatorNetworkPolicy, { when: [values.networkPolicy] }),
    part('service', addOperatorService),
    part('deployment', addOperatorDeployment),
    part('disruption-budget', addOperatorDisruptionBudget),
    part('pod-monitor', addOperatorPodMonitor, { when: [values.podMonitor] }),
    part('alerts', addAlerts, { when: [values.alerts] }),
  ];
}

/** Helm leaves it when it uninstalls: all pipelines of the cluster would go with it. */
function keptCrd(): KubernetesObject {
  const crd = movingAverageCrd();
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  return { ...crd, metadata: { ...crd.metadata, annotations } };
}

type Add = (scope: Construct, context: OperatorContext) => void;

const OF_NO_NAMESPACE = new Set<Add>([addClusterRights, addExternalMetricsRights, addClusterMetricsReader]);

/** The objects for values that are known. */
export function operatorObjects(context: OperatorContext): KubernetesObject[] {
  return operatorParts(context).flatMap(partObjects);
}

/** The objects of one part, for values that are known. */
export function partObjects({
  when = [],
  unless = [],
  each,
  objects,
}: OperatorPart): readonly KubernetesObject[] {
  if (!when.every(counts) || unless.some(counts)) return [];
  return each === undefined ? objects() : each.flatMap((namespace) => objects(namespace));
}

function counts(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value === true;
}
