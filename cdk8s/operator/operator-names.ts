export const OPERATOR_NAME = 'tidemark-operator';

/** The labels by which the operator's pods are selected; a Deployment's selector can't be changed later. */
export const OPERATOR_SELECTOR = {
  'app.kubernetes.io/name': 'tidemark',
  'app.kubernetes.io/component': 'operator',
} as const;

/** Ports of the operator's pods: health and metrics, and the API of external metrics. */
export const HTTP_PORT = 8080;
export const EXTERNAL_METRICS_PORT = 6443;
