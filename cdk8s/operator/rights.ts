import type { Construct } from 'constructs';
import { OPERATOR_NAME, PIPELINES_ROLE } from './operator-names.ts';
import type { OperatorContext } from './operator-parts.ts';
import { addRights, rule } from './role.ts';

/** What pipelines need, in all namespaces. */
export function addClusterRights(scope: Construct, context: OperatorContext): void {
  addRights(scope, context, { kind: 'ClusterRole', name: PIPELINES_ROLE, rules: PIPELINE_RULES });
}

/** The same in one namespace. */
export function addNamespaceRights(scope: Construct, context: OperatorContext): void {
  addRights(scope, context, { kind: 'Role', name: PIPELINES_ROLE, rules: PIPELINE_RULES });
}

/** What the operator may do in its own namespace: keep the lease of the leader. */
export function addOwnRights(scope: Construct, context: OperatorContext): void {
  const rules = [
    rule('coordination.k8s.io', ['leases'], ['get', 'update'], [OPERATOR_NAME]),
    rule('coordination.k8s.io', ['leases'], ['create']), // which cannot be held to a name
  ];
  addRights(scope, context, { kind: 'Role', name: OPERATOR_NAME, rules });
}

/** Of kinds that it keeps a copy of and applies. To apply an object that is not there takes `create` too. */
const APPLIED = ['list', 'watch', 'create', 'patch'];

/** Of those that a pipeline may have no more while it stays; all others go with it, by their owner. */
const REMOVED = [...APPLIED, 'delete'];

const PIPELINE_RULES = [
  rule('tidemark.dev', ['movingaverages'], ['list', 'watch', 'patch']),
  rule('tidemark.dev', ['movingaverages/status'], ['patch']),
  rule('', ['configmaps'], REMOVED),
  rule('', ['serviceaccounts'], APPLIED),
  rule('apps', ['deployments'], REMOVED),
  rule('autoscaling', ['horizontalpodautoscalers'], REMOVED),
  rule('policy', ['poddisruptionbudgets'], APPLIED),
  rule('networking.k8s.io', ['networkpolicies'], APPLIED),
  rule('monitoring.coreos.com', ['podmonitors'], APPLIED),
  rule('keda.sh', ['scaledobjects'], REMOVED),
  rule('kafka.strimzi.io', ['kafkatopics'], APPLIED),
  rule('', ['pods'], ['list', 'watch']),
  // One at a time, by the name that a pipeline gives: to log in to its brokers. Never a list.
  rule('', ['secrets'], ['get']),
  rule('events.k8s.io', ['events'], ['create', 'patch']),
];
