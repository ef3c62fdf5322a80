import * as z from 'zod';
import { kafka, redis } from './connections.ts';
import { expecting, section } from './expectation.ts';
import { input } from './input.ts';
import { deadLetters, late, output } from './output.ts';
import { schemaRegistry } from './schema-registry.ts';
import { choice, dnsLabel, duration, positiveDuration, quantity, wholeNumber } from './values.ts';

export const API_VERSION = 'tidemark.dev/v1alpha1';
export const KIND = 'MovingAverage';

/** One mapping for both kinds of windows: the schema of a CRD cannot offer a choice between two. */
const window = section(
  'A window over time (size, slide) or over the last trades of a symbol (trades, every).',
  '{ size: 3s, slide: 1s } or { trades: 100 }',
  {
    size: positiveDuration('How much time a window spans.', '3s').optional(),
    slide: positiveDuration(
      'How far apart two windows start, at most size. Default: size, so that windows do not overlap.',
      '1s',
    ).optional(),
    trades: wholeNumber('How many trades of a symbol a window spans.', {
      min: 1,
      max: 1_000_000,
      example: 100,
    }).optional(),
    every: wholeNumber('After how many trades the next window ends, at most trades. Default: trades.', {
      min: 1,
      max: 1_000_000,
      example: 10,
    }).optional(),
  },
);

const watermark = section('When a window is taken to be complete.', '{ delay: 5s, idleAfter: 10s }', {
  delay: duration(
    'How long after the newest trade an older one may still come; a window closes that much later.',
    '5s',
  ).prefault('0s'),
  idleAfter: positiveDuration(
    'When a partition had no trade for so long, its windows close by the clock. Default: they wait.',
    '10s',
  ).optional(),
});

const scaling = section('How many aggregators run.', '{ minReplicas: 2, maxReplicas: 12 }', {
  minReplicas: wholeNumber('At least so many.', { min: 1, max: 10_000, example: 2 }).prefault(1),
  maxReplicas: wholeNumber('At most so many; more than partitions would have nothing to do.', {
    min: 1,
    max: 10_000,
    example: 12,
  }),
  catchUpWithin: positiveDuration('How soon a backlog has to be worked off.', '60s').prefault('60s'),
  metrics: choice(
    'Who hands the number that the load asks for to the autoscaler: the operator, KEDA or prometheus-adapter.',
    ['operator', 'keda', 'prometheus'],
  ).prefault('operator'),
});

const amounts = (description: string, cpu: string, memory: string) =>
  section(description, `{ cpu: ${cpu}, memory: ${memory} }`, {
    cpu: quantity('Cores, such as "2" or 500m.', cpu).optional(),
    memory: quantity('Bytes, such as 512Mi.', memory).optional(),
  });

const resources = section(
  'What each aggregator asks of its node, and may take.',
  '{ requests: { cpu: 500m, memory: 256Mi } }',
  {
    requests: amounts('What the node has to have free.', '500m', '256Mi').optional(),
    limits: amounts('What it may take at most.', '"2"', '512Mi').optional(),
  },
);

/** The part of the resource that a person writes; its input is what the CRD describes. */
export const spec = section('What to average, from where, to where.', '{ windows: [{ size: 3s }] }', {
  kafka: kafka.optional(),
  redis: redis.optional(),
  schemaRegistry: schemaRegistry.optional(),
  input: input.prefault({}),
  output: output.prefault({}),
  late: late.optional(),
  deadLetters: deadLetters.optional(),
  windows: expecting(
    z.array(window).min(1).max(16).describe('The windows to average over, all in one pass.'),
    'a list of 1 to 16 windows such as [{ size: 3s, slide: 1s }]',
  ),
  emit: choice('final: a result once, when its window closes. update: also whenever it changes.', [
    'final',
    'update',
  ]).prefault('final'),
  watermark: watermark.prefault({}),
  replicas: wholeNumber(
    'How many aggregators run. Instead of scaling, which decides by the load. Default: 1.',
    { min: 0, max: 10_000, example: 3 },
  ).optional(),
  scaling: scaling.optional(),
  resources: resources.optional(),
  deletionPolicy: choice('Whether the topics go when this resource goes.', ['Retain', 'Delete']).prefault(
    'Retain',
  ),
});

const texts = expecting(z.record(z.string(), z.string()), 'a mapping of texts such as { team: trading }');

/** A whole pipeline file. Rules between fields are in `checks.ts`. */
export const movingAverage = section(
  'Moving averages over a stream of trades.',
  `{ apiVersion: ${API_VERSION}, kind: ${KIND}, metadata: { name: stocks }, spec: { windows: [{ size: 3s }] } }`,
  {
    apiVersion: expecting(z.literal(API_VERSION), API_VERSION),
    kind: expecting(z.literal(KIND), KIND),
    metadata: section('What the resource is called.', '{ name: stocks }', {
      name: dnsLabel('The name of the pipeline.', 'stocks'),
      namespace: dnsLabel('The namespace it lives in.', 'trading').optional(),
      labels: texts.optional(),
      annotations: texts.optional(),
    }),
    spec,
  },
);

export type MovingAverage = z.output<typeof movingAverage>;
export type SpecInput = z.input<typeof spec>;

/** A resource as an API server keeps it: what a person wrote, with the defaults of the schema and marks of its own. */
export interface MovingAverageObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: SpecInput;
}
