import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_NAME, OPERATOR_SELECTOR } from './operator-names.ts';

/**
 * The operator is reached at its two ports only: from anywhere, because API servers come from addresses that no policy
 * can know; the API of external metrics lets nobody in without their certificate. What it may reach is left open: API servers and the brokers of all
 * pipelines stand behind addresses and ports that no policy can know beforehand.
 */
export function addOperatorNetworkPolicy(scope: Construct): void {
  new ApiObject(scope, 'network-policy', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: OPERATOR_NAME },
    spec: {
      podSelector: { matchLabels: OPERATOR_SELECTOR },
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: [
            { protocol: 'TCP', port: 'http' },
            { protocol: 'TCP', port: 'metrics-api' },
          ],
        },
      ],
    },
  });
}
