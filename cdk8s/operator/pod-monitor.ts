import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { OPERATOR_NAME, OPERATOR_SELECTOR } from './operator-names.ts';

export function addOperatorPodMonitor(scope: Construct): void {
  new ApiObject(scope, 'pod-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: OPERATOR_NAME },
    spec: {
      selector: { matchLabels: OPERATOR_SELECTOR },
      // A series may be about a pipeline in another namespace, and says so itself.
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '15s', honorLabels: true }],
    },
  });
}
