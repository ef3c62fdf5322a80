import { movingAverageCrd } from './crd.ts';
import { devObjects } from './dev/dev-objects.ts';
import { eksObjects } from './eks/eks-objects.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { namespaceObject } from './namespace.ts';
import { operatorObjects } from './operator/operator-parts.ts';
import { operatorValues } from './operator/operator-values.ts';

export const OPERATOR_NAMESPACE = 'tidemark';
const PIPELINES_NAMESPACE = 'trading';

/** The objects of each file for `kubectl apply`, by the file's name. */
export function manifests(): Readonly<Record<string, readonly KubernetesObject[]>> {
  const operatorNamespace = namespaceObject(OPERATOR_NAMESPACE, { restricted: true });
  // Strimzi's pods share the namespace of the pipelines; how far they are held to is a setting of its operator.
  const pipelinesNamespace = namespaceObject(PIPELINES_NAMESPACE, { restricted: false });
  const eks = eksObjects({ operator: OPERATOR_NAMESPACE, pipelines: PIPELINES_NAMESPACE });
  return {
    'crd.yaml': [movingAverageCrd()],
    'operator.yaml': [
      operatorNamespace,
      ...operatorObjects({ values: operatorValues.parse({}), namespace: OPERATOR_NAMESPACE }),
    ],
    'dev.yaml': [pipelinesNamespace, ...devObjects(PIPELINES_NAMESPACE)],
    'eks.yaml': [operatorNamespace, pipelinesNamespace, ...eks],
  };
}
