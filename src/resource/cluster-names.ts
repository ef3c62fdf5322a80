/*
 * Names by which the objects of a pipeline are found in a cluster: the constructs give them, the operator looks them up.
 */

/** What a namespace may be called (RFC 1123). */
export const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The label of every object of a pipeline; its value is the pipeline's name. */
export const PIPELINE_LABEL = 'tidemark.dev/pipeline';

/** The external metric that the autoscaler follows: the replicas that the load asks for. */
export const DESIRED_REPLICAS_METRIC = 'tidemark_desired_replicas';

/** The labels of the metric's series: where the pipeline is, and its name. */
export const METRIC_NAMESPACE_LABEL = 'namespace';
export const METRIC_PIPELINE_LABEL = 'pipeline';

/** The Deployment of a pipeline, and what goes with it: autoscaler, disruption budget, network policy, account. */
export function aggregatorName(pipeline: string): string {
  return `${pipeline}-aggregator`;
}

/** The labels by which a pipeline's pods are selected. A Deployment's selector can't be changed: neither can these. */
export function aggregatorSelector(pipeline: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'tidemark',
    'app.kubernetes.io/component': 'aggregator',
    'app.kubernetes.io/instance': pipeline,
  };
}

/** What belongs to the operator's API of external metrics: Service, Secret, roles. */
export const EXTERNAL_METRICS_NAME = 'tidemark-external-metrics';
