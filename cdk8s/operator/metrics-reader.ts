import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { DESIRED_REPLICAS_METRIC, EXTERNAL_METRICS_NAME } from '../../src/resource/cluster-names.ts';
import { RBAC_GROUP, rule } from './role.ts';

/** The right of Kubernetes' autoscaler to read the metric of pipelines in all namespaces. */
export function addClusterMetricsReader(scope: Construct): void {
  addReader(scope, 'ClusterRole');
}

/** The same in one namespace. */
export function addNamespaceMetricsReader(scope: Construct): void {
  addReader(scope, 'Role');
}

function addReader(scope: Construct, kind: 'Role' | 'ClusterRole'): void {
  const name = `${EXTERNAL_METRICS_NAME}-reader`;
  new ApiObject(scope, 'reader', {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind,
    metadata: { name },
    rules: [rule('external.metrics.k8s.io', [DESIRED_REPLICAS_METRIC], ['get', 'list'])],
  });
  new ApiObject(scope, 'reader-binding', {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: RBAC_GROUP, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }],
  });
}
