import * as z from 'zod';
import { NAMESPACE_NAME } from '../../src/resource/cluster-names.ts';
import { aggregatorSettings } from '../pipeline/aggregator-settings.ts';
import { imagePullSecrets } from '../pull-secrets.ts';
import { VERSION } from '../version.ts';

const texts = z.record(z.string(), z.string());
const resources = z.strictObject({ requests: texts.optional(), limits: texts.optional() });
const namespace = z.string().regex(NAMESPACE_NAME);

/**
 * What may differ from one installation of the operator to the next. The values of the Helm chart, their JSON schema
 * and the table in its README are made from this. All are on one level: each is handed to a template as a whole.
 */
export const operatorValues = z.strictObject({
  image: z
    .string()
    .min(1)
    .regex(/^[^\s]+$/)
    .default(`tidemark:${VERSION}`)
    .describe('The image of the operator and of the aggregators, with a tag or a digest.'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('When nodes fetch it.'),
  imagePullSecrets: imagePullSecrets
    .default([])
    .describe(
      "Secrets to fetch it with, as `[{ name: registry }]`: in the operator's namespace, and in those of pipelines.",
    ),
  watchNamespaces: z
    .array(namespace)
    .refine((names) => new Set(names).size === names.length, 'A namespace is named twice.')
    .meta({ uniqueItems: true })
    .default([])
    .describe(
      'The namespaces whose pipelines the operator runs, and the only ones where it has rights to; they must exist. None: all namespaces.',
    ),
  replicas: z.int().min(1).max(10).default(2).describe('How many operators run; one leads, the others wait.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('How much the operator logs.'),
  resources: resources
    .default({ requests: { cpu: '100m', memory: '192Mi' }, limits: { cpu: '1', memory: '384Mi' } })
    .describe('Requests and limits of the operator.'),
  serviceAccountAnnotations: texts
    .default({})
    .describe("Annotations of the operator's account, such as the role that a cloud gives it."),
  nodeSelector: texts.default({}).describe('Labels of the nodes that the operator may run on.'),
  tolerations: z
    .array(z.record(z.string(), z.unknown()))
    .default([])
    .describe('Taints of nodes that the operator tolerates.'),
  networkPolicy: z
    .boolean()
    .default(true)
    .describe("Whether the operator's pods can be reached at their own ports only."),
  podMonitor: z
    .boolean()
    .default(false)
    .describe('Whether the Prometheus operator is to read the metrics; its kinds must be installed.'),
  alerts: z
    .boolean()
    .default(false)
    .describe('Whether alerts come with it, as a PrometheusRule of the Prometheus operator.'),
  externalMetrics: z
    .boolean()
    .default(true)
    .describe(
      'Whether the operator serves external.metrics.k8s.io, by which autoscalers follow the load. One provider per cluster: if KEDA or prometheus-adapter has registered, it is left alone.',
    ),
  installCrd: z
    .boolean()
    .default(true)
    .describe(
      'Whether the CustomResourceDefinition comes with the chart; it stays when the chart is uninstalled.',
    ),
  aggregators: aggregatorSettings.default({}),
});

export type OperatorValues = z.output<typeof operatorValues>;
