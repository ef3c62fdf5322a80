import { ApiObject, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_NAME } from './operator-names.ts';
import type { OperatorContext } from './operator-parts.ts';

export function addOperatorServiceAccount(scope: Construct, { values }: OperatorContext): void {
  const account = new ApiObject(scope, 'service-account', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: OPERATOR_NAME },
    automountServiceAccountToken: false,
  });
  // As a patch, because metadata is copied key by key, which a reference does not survive.
  account.addJsonPatch(JsonPatch.add('/metadata/annotations', values.serviceAccountAnnotations));
}
