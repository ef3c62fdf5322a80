import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import {
  aggregatorName,
  DESIRED_REPLICAS_METRIC,
  METRIC_PIPELINE_LABEL,
} from '../../src/resource/cluster-names.ts';
import type { Scaling } from '../../src/resource/pipeline.ts';
import { ownedMetadata, type PipelineContext } from './pipeline-context.ts';

/**
 * Follows the number of replicas that the load asks for. The metric is that number already, and an average of 1 per
 * replica hands it through the autoscaler's own arithmetic, ceil(sum / target).
 */
export function addAutoscaler(scope: Construct, context: PipelineContext, scaling: Scaling): void {
  const { pipeline } = context;
  new k8s.KubeHorizontalPodAutoscalerV2(scope, 'autoscaler', {
    metadata: ownedMetadata(context),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: aggregatorName(pipeline.name) },
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: [
        {
          type: 'External',
          external: {
            metric: {
              name: DESIRED_REPLICAS_METRIC,
              selector: { matchLabels: { [METRIC_PIPELINE_LABEL]: pipeline.name } },
            },
            target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString('1') },
          },
        },
      ],
      behavior: SCALING_BEHAVIOR,
    },
  });
}

/** How fast the autoscaler follows. */
export const SCALING_BEHAVIOR = {
  // A backlog grows while one waits, and the metric is steady by itself: up at once, by as much as is asked.
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 400, periodSeconds: 15 },
      { type: 'Pods', value: 8, periodSeconds: 15 },
    ],
  },
  // Every change moves partitions. Down only after ten quiet minutes, and not by more than half at a time.
  scaleDown: {
    stabilizationWindowSeconds: 600,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 50, periodSeconds: 60 },
      { type: 'Pods', value: 1, periodSeconds: 60 },
    ],
  },
} satisfies k8s.HorizontalPodAutoscalerBehaviorV2;
