import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { commaSeparated, jsonText } from '../chart/reference.ts';
import { IMAGE_USER, RESTRICTED_CONTAINER, restrictedPod } from '../pod-security.ts';
import {
  EXTERNAL_METRICS_PORT,
  OPERATOR_HTTP_PORT,
  OPERATOR_NAME,
  OPERATOR_SELECTOR,
} from './operator-names.ts';
import type { OperatorContext } from './operator-parts.ts';

/** The operator's pods; a rollout starts a new one before an old one gives up the lease. */
export function addOperatorDeployment(scope: Construct, context: OperatorContext): void {
  const { values } = context;
  new ApiObject(scope, 'deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: OPERATOR_NAME },
    spec: {
      replicas: values.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: OPERATOR_SELECTOR },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { ...OPERATOR_SELECTOR, 'app.kubernetes.io/part-of': 'tidemark' } },
        spec: {
          serviceAccountName: OPERATOR_NAME,
          imagePullSecrets: values.imagePullSecrets,
          automountServiceAccountToken: true, // it talks to the API server; aggregators have none
          enableServiceLinks: false,
          securityContext: restrictedPod(IMAGE_USER),
          terminationGracePeriodSeconds: 30,
          nodeSelector: values.nodeSelector,
          tolerations: values.tolerations,
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
            (topologyKey) => ({
              topologyKey,
              maxSkew: 1,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: OPERATOR_SELECTOR },
              matchLabelKeys: ['pod-template-hash'],
            }),
          ),
          containers: [container(context)],
        },
      },
    },
  });
}

/**
 * In the place of the image's own, which is tuned for aggregators. An operator has little to compute and much to remember:
 * beside 50 pipelines V8 keeps 10 MB less with this flag, which it takes from the command line alone.
 */
const COMMAND = ['node', '--optimize-for-size', '/app/bin/tidemark.js'];

function container({ values }: OperatorContext) {
  const probe = (path: string) => ({ httpGet: { path, port: 'http' }, timeoutSeconds: 2 });
  return {
    name: 'operator',
    image: values.image,
    imagePullPolicy: values.imagePullPolicy,
    command: COMMAND,
    args: ['operator'],
    env: [
      { name: 'TIDEMARK_INSTANCE', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'TIDEMARK_IMAGE', value: values.image },
      { name: 'TIDEMARK_IMAGE_PULL_POLICY', value: values.imagePullPolicy },
      { name: 'TIDEMARK_IMAGE_PULL_SECRETS', value: jsonText(values.imagePullSecrets) },
      { name: 'TIDEMARK_NAMESPACE', value: commaSeparated(values.watchNamespaces) },
      { name: 'TIDEMARK_LOG_LEVEL', value: values.logLevel },
      { name: 'TIDEMARK_HTTP_PORT', value: String(OPERATOR_HTTP_PORT) },
      { name: 'TIDEMARK_AGGREGATORS', value: jsonText(values.aggregators) },
      { name: 'TIDEMARK_EXTERNAL_METRICS', value: jsonText(values.externalMetrics) },
      { name: 'TIDEMARK_EXTERNAL_METRICS_PORT', value: String(EXTERNAL_METRICS_PORT) },
    ],
    ports: [
      { name: 'http', containerPort: OPERATOR_HTTP_PORT, protocol: 'TCP' },
      { name: 'metrics-api', containerPort: EXTERNAL_METRICS_PORT, protocol: 'TCP' },
    ],
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3 },
    resources: values.resources,
    securityContext: RESTRICTED_CONTAINER,
  };
}
