import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  aggregatorName,
  DESIRED_REPLICAS_METRIC,
  METRIC_NAMESPACE_LABEL,
  METRIC_PIPELINE_LABEL,
} from '../../src/resource/cluster-names.ts';
import type { Scaling } from '../../src/resource/pipeline.ts';
import { SCALING_BEHAVIOR } from './autoscaler.ts';
import { ownedMetadata, type PipelineContext } from './pipeline-context.ts';

/**
 * Lets KEDA scale: it reads the number of replicas that the load asks for from the operator's metrics page, and hands
 * it to an autoscaler that it makes. Its own Kafka trigger would scale by a threshold of lag instead. There is no
 * fallback: while the series is missing, the number of replicas stays.
 */
export function addScaledObject(scope: Construct, context: PipelineContext, scaling: Scaling): void {
  const { pipeline, surroundings } = context;
  const labels = `${METRIC_NAMESPACE_LABEL}="${surroundings.namespace}",${METRIC_PIPELINE_LABEL}="${pipeline.name}"`;
  new ApiObject(scope, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: ownedMetadata(context),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: aggregatorName(pipeline.name) },
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      pollingInterval: 15,
      advanced: { horizontalPodAutoscalerConfig: { behavior: SCALING_BEHAVIOR } },
      triggers: [
        {
          type: 'metrics-api',
          metricType: 'AverageValue',
          metadata: {
            url: surroundings.operatorMetricsUrl,
            format: 'prometheus',
            valueLocation: `${DESIRED_REPLICAS_METRIC}{${labels}}`,
            targetValue: '1',
          },
        },
      ],
    },
  });
}
