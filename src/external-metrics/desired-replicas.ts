import type { KubeObject } from '../operator/kube-object.ts';
import { DESIRED_REPLICAS_METRIC, METRIC_PIPELINE_LABEL } from '../resource/cluster-names.ts';
import { refusal, type Answer } from './answer.ts';
import { parseSelector, SelectorError, selects, type LabelSelector } from './label-selector.ts';
import { METRICS_GROUP_VERSION } from './metrics-api.ts';

export interface MetricQuery {
  readonly namespace: string;
  readonly metric: string;
  readonly labelSelector: string;
}

/**
 * The series that a query selects, as an ExternalMetricValueList: one for each pipeline with `spec.scaling`, whose value
 * is the `status.scaling.desiredReplicas` of its resource.
 *
 * Where one of them has no number the answer is an error that says why. The autoscaler then keeps what runs; a 0, an
 * empty list or the sum of the others would scale a pipeline down because it cannot be seen.
 */
export function desiredReplicas(query: MetricQuery, resources: Iterable<KubeObject>, nowMs: number): Answer {
  const { namespace, metric, labelSelector } = query;
  if (metric !== DESIRED_REPLICAS_METRIC) {
    return refusal(404, `there is no metric ${metric}; Tidemark has one: ${DESIRED_REPLICAS_METRIC}`);
  }
  const selector = selectorIn(labelSelector);
  if (typeof selector === 'string') return refusal(400, selector);

  const selected = [...resources].filter(
    ({ metadata }) =>
      metadata.namespace === namespace && selects(selector, { [METRIC_PIPELINE_LABEL]: metadata.name }),
  );
  const scaled = selected.filter(isScaled);
  if (scaled.length === 0) return refusal(404, nothingSelected(query, selected));
  const blind = scaled.filter((resource) => replicasOf(resource) === undefined);
  if (blind.length > 0) return refusal(503, blind.map(whyBlind).join('; '));

  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return {
    status: 200,
    body: {
      kind: 'ExternalMetricValueList',
      apiVersion: METRICS_GROUP_VERSION,
      metadata: {},
      items: scaled.map((resource) => ({
        metricName: metric,
        metricLabels: { [METRIC_PIPELINE_LABEL]: resource.metadata.name },
        timestamp,
        value: String(replicasOf(resource)),
      })),
    },
  };
}

function selectorIn(text: string): LabelSelector | string {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return error.message;
    throw error;
  }
}

function isScaled({ spec }: KubeObject): boolean {
  return (spec as { scaling?: unknown } | undefined)?.scaling !== undefined;
}

function replicasOf({ status }: KubeObject): number | undefined {
  const replicas = scalingOf(status).desiredReplicas;
  return Number.isInteger(replicas) ? replicas : undefined;
}

function whyBlind({ metadata, status }: KubeObject): string {
  const { message = 'its load has not been looked at yet' } = scalingOf(status);
  return `MovingAverage ${metadata.name}: ${message}`;
}

function scalingOf(status: unknown): { readonly desiredReplicas?: number; readonly message?: string } {
  const { scaling = {} } = (status ?? {}) as { scaling?: { desiredReplicas?: number; message?: string } };
  return scaling;
}

function nothingSelected({ namespace, labelSelector }: MetricQuery, unscaled: readonly KubeObject[]): string {
  const of = labelSelector === '' ? '' : ` with ${labelSelector}`;
  const names = unscaled.map(({ metadata }) => metadata.name).join(', ');
  return unscaled.length === 0
    ? `the namespace ${namespace} has no MovingAverage${of}`
    : `spec.scaling is not set in MovingAverage ${names}`;
}
