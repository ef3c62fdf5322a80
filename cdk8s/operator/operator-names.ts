export const OPERATOR_NAME = 'tidemark-operator';

/** The role for what pipelines need; another than the operator's own, for both may be in one namespace. */
export const PIPELINES_ROLE = 'tidemark-pipelines';

/** The labels by which the operator's pods are selected; a Deployment's selector can't be changed later. */
export const OPERATOR_SELECTOR = {
  'app.kubernetes.io/name': 'tidemark',
  'app.kubernetes.io/component': 'operator',
} as const;

/** The port of health and metrics, of the pods and of their Service. */
export const OPERATOR_HTTP_PORT = 8080;

/** Where the metrics of any of the operator's pods are. */
export function operatorMetricsUrl(namespace: string): string {
  return `http://${OPERATOR_NAME}.${namespace}.svc:${OPERATOR_HTTP_PORT}/metrics`;
}

/** The port of the API of external metrics. */
export const EXTERNAL_METRICS_PORT = 6443;
