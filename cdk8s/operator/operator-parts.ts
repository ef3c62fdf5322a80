import { VERSION } from '../version.ts';
import { objectsOf, type KubernetesObject } from '../kubernetes-object.ts';
import { movingAverageCrd } from '../crd.ts';
import type { Construct } from 'constructs';
import { addOperatorDeployment } from './deployment.ts';
import { addOperatorDisruptionBudget } from './disruption-budget.ts';
import { addExternalMetrics, addExternalMetricsRights } from './external-metrics.ts';
import { addOperatorNetworkPolicy } from './network-policy.ts';
import { addOperatorPodMonitor } from './pod-monitor.ts';
import { addClusterRights, addOwnRights } from './rights.ts';
import { addOperatorService } from './service.ts';
import { addOperatorServiceAccount } from './service-account.ts';
import { OPERATOR_SELECTOR } from './operator-names.ts';
import type { OperatorValues } from './operator-values.ts';

/** Objects that come and go together; one file of the chart. */
export interface OperatorPart {
  readonly name: string;
  /** Left out where this value is false; undefined: never left out. */
  readonly when?: boolean | undefined;
  readonly objects: readonly KubernetesObject[];
}

/** What every construct of the operator is made from. */
export interface OperatorContext {
  readonly values: OperatorValues;
  readonly namespace: string;
}

/**
 * All that installs the operator. `values` may be references into a chart's values instead of the values themselves,
 * so that no construct here looks into one or counts on its type.
 */
export function operatorParts(context: OperatorContext): OperatorPart[] {
  const { namespace, values } = context;
  const labels = {
    ...OPERATOR_SELECTOR,
    'app.kubernetes.io/part-of': 'tidemark',
    'app.kubernetes.io/version': VERSION,
  };
  const part = (name: string, add: Add, when?: boolean): OperatorPart => ({
    name,
    when,
    objects: objectsOf({ labels, ...(!OF_NO_NAMESPACE.has(add) && { namespace }) }, (chart) => {
      add(chart, context);
    }),
  });
  return [
    { name: 'crd', when: values.installCrd, objects: [keptCrd()] },
    part('service-account', addOperatorServiceAccount),
    part('cluster-rights', addClusterRights),
    part('rights', addOwnRights),
    part('external-metrics-rights', addExternalMetricsRights, values.externalMetrics),
    part('external-metrics', addExternalMetrics, values.externalMetrics),
    part('network-policy', addOperatorNetworkPolicy, values.networkPolicy),
    part('service', addOperatorService),
    part('deployment', addOperatorDeployment),
    part('disruption-budget', addOperatorDisruptionBudget),
    part('pod-monitor', addOperatorPodMonitor, values.podMonitor),
  ];
}

/** Helm leaves it when it uninstalls: all pipelines of the cluster would go with it. */
function keptCrd(): KubernetesObject {
  const crd = movingAverageCrd();
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  return { ...crd, metadata: { ...crd.metadata, annotations } };
}

type Add = (scope: Construct, context: OperatorContext) => void;

const OF_NO_NAMESPACE = new Set<Add>([addClusterRights, addExternalMetricsRights]);

/** The objects for values that are known. */
export function operatorObjects(context: OperatorContext): KubernetesObject[] {
  return operatorParts(context).flatMap(({ when = true, objects }) => (when ? objects : []));
}
