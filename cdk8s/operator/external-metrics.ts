import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { EXTERNAL_METRICS_NAME } from '../../src/resource/cluster-names.ts';
import { OPERATOR_NAME, OPERATOR_SELECTOR } from './operator-names.ts';
import type { OperatorContext } from './operator-parts.ts';
import { addRights, RBAC_GROUP, rule } from './role.ts';

/*
 * What it takes to serve external metrics, but for the APIService and the Secret of its certificates: the leader makes
 * these two, so that it can leave another provider's alone, and they go with the ClusterRole here.
 */

/** What is of a namespace: the Service that the API server asks, and rights to the Secret and to the front proxy. */
export function addExternalMetrics(scope: Construct, context: OperatorContext): void {
  new ApiObject(scope, 'service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: EXTERNAL_METRICS_NAME },
    spec: {
      selector: OPERATOR_SELECTOR,
      ports: [{ name: 'https', port: 443, targetPort: 'metrics-api', protocol: 'TCP' }],
    },
  });
  const verbs = ['get', 'list', 'watch', 'create', 'patch'];
  addRights(scope, context, {
    kind: 'Role',
    name: EXTERNAL_METRICS_NAME,
    rules: [rule('', ['secrets'], verbs, [EXTERNAL_METRICS_NAME])],
  });
  new ApiObject(scope, 'front-proxy', {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { name: EXTERNAL_METRICS_NAME, namespace: 'kube-system' },
    // Comes with Kubernetes: to read who the API server is when it passes requests on.
    roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects: [{ kind: 'ServiceAccount', name: OPERATOR_NAME, namespace: context.namespace }],
  });
}

/** What is of no namespace: rights to register, and to ask for others' rights. */
export function addExternalMetricsRights(scope: Construct, context: OperatorContext): void {
  addRights(scope, context, {
    kind: 'ClusterRole',
    name: EXTERNAL_METRICS_NAME,
    rules: [
      rule(
        'apiregistration.k8s.io',
        ['apiservices'],
        // Listed and watched to see who is registered.
        ['list', 'watch', 'create', 'patch'],
        ['v1beta1.external.metrics.k8s.io'],
      ),
      rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
      // Itself: to name it as the owner of what it makes.
      rule(RBAC_GROUP, ['clusterroles'], ['get'], [EXTERNAL_METRICS_NAME]),
    ],
  });
}
