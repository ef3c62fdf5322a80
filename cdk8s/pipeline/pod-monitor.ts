import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { PIPELINE_LABEL } from '../../src/resource/cluster-names.ts';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';

/** Lets the Prometheus operator read every aggregator's metrics; they are per pod, so there is no Service. */
export function addPodMonitor(scope: Construct, context: PipelineContext): void {
  new ApiObject(scope, 'pod-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: ownedMetadata(context),
    spec: {
      selector: { matchLabels: selectorOf(context) },
      podMetricsEndpoints: [
        { port: 'http', path: '/metrics', interval: '15s', relabelings: [{ ...PIPELINE_OF_POD }] },
      ],
    },
  });
}

/** Series name their pipeline by the same label as those of the operator do. */
const PIPELINE_OF_POD = {
  sourceLabels: [`__meta_kubernetes_pod_label_${PIPELINE_LABEL.replaceAll(/[^a-z]/g, '_')}`],
  targetLabel: 'pipeline',
};
