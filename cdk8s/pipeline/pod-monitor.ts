import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';

/** Lets the Prometheus operator read every aggregator's metrics; they are per pod, so there is no Service. */
export function addPodMonitor(scope: Construct, context: PipelineContext): void {
  new ApiObject(scope, 'pod-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: ownedMetadata(context),
    spec: {
      selector: { matchLabels: selectorOf(context) },
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '15s' }],
    },
  });
}
