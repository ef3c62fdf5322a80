import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_NAME } from './operator-names.ts';
import type { OperatorContext } from './operator-parts.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export interface RoleProps {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  readonly rules: readonly object[];
}

/** A role, and its binding to the operator's account. */
export function addRights(
  scope: Construct,
  { namespace }: OperatorContext,
  { kind, name, rules }: RoleProps,
): void {
  const metadata = { name };
  const id = kind.toLowerCase();
  new ApiObject(scope, id, { apiVersion: `${RBAC_GROUP}/v1`, kind, metadata, rules });
  new ApiObject(scope, `${id}-binding`, {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: RBAC_GROUP, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: OPERATOR_NAME, namespace }],
  });
}

/** With names: for the objects of these names alone. */
export function rule(apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]) {
  return { apiGroups: [apiGroup], resources, ...(resourceNames && { resourceNames }), verbs };
}
