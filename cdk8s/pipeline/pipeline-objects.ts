import { aggregatorSelector, PIPELINE_LABEL } from '../../src/resource/cluster-names.ts';
import type { MovingAverageObject } from '../../src/resource/moving-average.ts';
import { pipelineOfObject } from '../../src/resource/parse.ts';
import type { Scaling } from '../../src/resource/pipeline.ts';
import { objectsOf, type KubernetesObject } from '../kubernetes-object.ts';
import type { Construct } from 'constructs';
import { addAutoscaler } from './autoscaler.ts';
import { addConfigMap } from './config-map.ts';
import { addDeployment } from './deployment.ts';
import { addDisruptionBudget } from './disruption-budget.ts';
import { addKafkaTopics } from './kafka-topics.ts';
import { addNetworkPolicy } from './network-policy.ts';
import type { PipelineContext } from './pipeline-context.ts';
import { addPodMonitor } from './pod-monitor.ts';
import { addScaledObject } from './scaled-object.ts';
import { addServiceAccount } from './service-account.ts';
import type { PipelineSurroundings } from './surroundings.ts';

export type { KubernetesObject } from '../kubernetes-object.ts';
export type { MovingAverageObject } from '../../src/resource/moving-average.ts';
export type { PipelineSurroundings } from './surroundings.ts';

/**
 * Every object of a pipeline, in an order in which they can be applied. Pure: the same resource and surroundings give
 * the same objects. Throws a PipelineFileError for a resource with mistakes.
 */
export function pipelineObjects(
  object: MovingAverageObject,
  surroundings: PipelineSurroundings,
): KubernetesObject[] {
  const pipeline = pipelineOfObject(object);
  const context = { object, pipeline, surroundings };
  const labels = {
    ...aggregatorSelector(pipeline.name),
    'app.kubernetes.io/part-of': 'tidemark',
    'app.kubernetes.io/managed-by': 'tidemark',
    [PIPELINE_LABEL]: pipeline.name,
  };
  return objectsOf({ namespace: surroundings.namespace, labels }, (chart) => {
    addServiceAccount(chart, context);
    addNetworkPolicy(chart, context);
    addConfigMap(chart, context);
    if (surroundings.hasStrimzi && pipeline.kafka?.brokers.kind === 'cluster') {
      addKafkaTopics(chart, context, pipeline.kafka.brokers.name);
    }
    addDeployment(chart, context, labels);
    addDisruptionBudget(chart, context);
    if (pipeline.scaling !== undefined) addScaling(chart, context, pipeline.scaling);
    if (surroundings.hasPodMonitor) addPodMonitor(chart, context);
  });
}

/** KEDA makes an autoscaler of its own from a ScaledObject; two of them would pull at one number. */
function addScaling(scope: Construct, context: PipelineContext, scaling: Scaling): void {
  if (scaling.metrics !== 'keda') addAutoscaler(scope, context, scaling);
  else if (context.surroundings.hasKeda) addScaledObject(scope, context, scaling);
}
