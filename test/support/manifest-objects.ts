import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { manifests } from '../../cdk8s/manifests.ts';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import {
  pipelineObjects,
  type MovingAverageObject,
  type PipelineSurroundings,
} from '../../cdk8s/pipeline/pipeline-objects.ts';

export const SURROUNDINGS: PipelineSurroundings = {
  image: 'tidemark:test',
  imagePullPolicy: 'IfNotPresent',
  namespace: 'trading',
  hasStrimzi: true,
  hasPodMonitor: true,
  hasKeda: true,
  operatorMetricsUrl: 'http://tidemark-operator.tidemark.svc:8080/metrics',
};

export function exampleObject(name: string): MovingAverageObject {
  return parse(
    readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url), 'utf8'),
  ) as MovingAverageObject;
}

/** The pipeline of examples/stocks.yaml, with another one that hands the number of replicas to the autoscaler. */
export function scaledBy(metrics: 'operator' | 'keda' | 'prometheus'): MovingAverageObject {
  const stocks = exampleObject('stocks');
  const scaling = { minReplicas: 2, maxReplicas: 12, metrics };
  return { ...stocks, spec: { ...stocks.spec, scaling } };
}

/** Sets of objects that are applied together, by a name for each: everything that the constructs can say. */
export const OBJECT_SETS: Readonly<Record<string, readonly KubernetesObject[]>> = {
  ...manifests(),
  'operator with everything': operatorObjects({
    namespace: 'tidemark',
    values: operatorValues.parse({
      podMonitor: true,
      alerts: true,
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccountAnnotations: { role: 'operator' },
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'system', operator: 'Exists' }],
      aggregators: { kafkaPorts: [9094] },
    }),
  }),
  'operator of two namespaces': operatorObjects({
    namespace: 'tidemark',
    values: operatorValues.parse({ watchNamespaces: ['trading', 'tidemark'] }),
  }),
  'pipeline of examples/stocks.yaml': pipelineObjects(exampleObject('stocks'), SURROUNDINGS),
  'pipeline of examples/stocks.yaml scaled by KEDA': pipelineObjects(scaledBy('keda'), SURROUNDINGS),
  'pipeline of examples/kubernetes.yaml': pipelineObjects(exampleObject('kubernetes'), SURROUNDINGS),
};

interface Container {
  readonly name: string;
  readonly env?: readonly { name: string; value?: string; valueFrom?: Record<string, unknown> }[];
  readonly envFrom?: readonly unknown[];
  readonly ports?: readonly { name?: string; containerPort: number }[];
  readonly securityContext?: Record<string, unknown>;
  readonly resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly securityContext?: Record<string, unknown>;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Record<string, unknown>[];
    readonly [field: string]: unknown;
  };
}

/** The pod templates of a set, each with the title of the object that has it. */
export function podTemplates(
  objects: readonly KubernetesObject[],
): { title: string; template: PodTemplate; object: KubernetesObject }[] {
  return objects.flatMap((object) => {
    const { template } = (object.spec ?? {}) as { template?: PodTemplate };
    return template === undefined ? [] : [{ title: titleOf(object), template, object }];
  });
}

export function titleOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}
