import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_NAME, OPERATOR_SELECTOR } from './operator-names.ts';

/** A drain takes one operator at a time, so that another can lead. */
export function addOperatorDisruptionBudget(scope: Construct): void {
  new ApiObject(scope, 'disruption-budget', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: OPERATOR_NAME },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: OPERATOR_SELECTOR },
    },
  });
}
