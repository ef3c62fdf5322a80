import * as z from 'zod';
import { imagePullSecrets } from '../pull-secrets.ts';
import type { PipelineSurroundings } from './surroundings.ts';

const quantities = z.record(z.string(), z.string().min(1));

/**
 * What whoever runs the cluster decides for the aggregators of all pipelines: the `aggregators` of the chart's values,
 * which reach the operator as JSON in TIDEMARK_AGGREGATORS.
 */
export const aggregatorSettings = z
  .strictObject({
    resources: z
      .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
      .optional()
      .describe(
        'Requests and limits of an aggregator. Default: half a core and 256 Mi, at most two and 512 Mi.',
      ),
    imagePullSecrets: imagePullSecrets
      .optional()
      .describe(
        "Secrets to fetch the image with, in the namespaces of pipelines. Default: as the operator's are called.",
      ),
    serviceAccountAnnotations: z
      .record(z.string(), z.string())
      .optional()
      .describe('Annotations of the account of the pods, such as the role that a cloud gives it.'),
    topologySpread: z
      .enum(['preferred', 'zones-required'])
      .optional()
      .describe('How pods spread over zones. Default: preferred.'),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error'])
      .optional()
      .describe('How much is logged. Default: info.'),
    kafkaPorts: z
      .array(z.int().min(1).max(65_535))
      .optional()
      .describe('Ports at which brokers advertise themselves, if not those of bootstrapServers.'),
  })
  .describe('What holds for the aggregators of all pipelines.');

export type AggregatorSettings = z.output<typeof aggregatorSettings>;

/** Reads TIDEMARK_AGGREGATORS. Throws a SyntaxError or a ZodError: Helm has held it against the same schema, so it was set by hand. */
export function readAggregatorSettings(text: string | undefined): AggregatorPart {
  const settings = aggregatorSettings.parse(JSON.parse(text ?? '{}'));
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** The part of the surroundings that they make up. */
type AggregatorPart = Pick<
  PipelineSurroundings,
  | 'resources'
  | 'imagePullSecrets'
  | 'serviceAccountAnnotations'
  | 'topologySpread'
  | 'logLevel'
  | 'kafkaPorts'
>;
