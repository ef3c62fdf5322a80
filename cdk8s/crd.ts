import { API_VERSION, KIND } from '../src/resource/moving-average.ts';
import { openApiSpec } from '../src/resource/openapi.ts';
import { ROOT_RULES, withRules } from './crd-rules.ts';
import { statusSchema } from './crd-status.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

const [GROUP, VERSION] = API_VERSION.split('/');

/**
 * The CustomResourceDefinition of MovingAverage. Its schema is that of the pipeline file, with rules for what a schema
 * can't say; what even those can't (the number of panes) the operator checks and tells in the status.
 */
export function movingAverageCrd(): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `movingaverages.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'tidemark' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: 'movingaverages',
        singular: 'movingaverage',
        shortNames: ['mavg'],
        categories: ['tidemark'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: rootSchema() },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: PRINTER_COLUMNS,
        },
      ],
    },
  };
}

function rootSchema(): object {
  return {
    type: 'object',
    description: 'Moving averages over a stream of trades: from one Kafka topic into another, exactly once.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `The version of this kind: ${API_VERSION}.` },
      kind: { type: 'string', description: `Always ${KIND}.` },
      metadata: { type: 'object' },
      spec: withRules(openApiSpec()),
      status: statusSchema(),
    },
    'x-kubernetes-validations': ROOT_RULES,
  };
}

const PRINTER_COLUMNS = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether averages are computed.',
  },
  {
    name: 'Replicas',
    type: 'integer',
    jsonPath: '.status.replicas',
    description: 'How many aggregators there are.',
  },
  {
    name: 'Lag',
    type: 'integer',
    jsonPath: '.status.lag',
    description: 'Trades that wait in the input topic.',
  },
  {
    name: 'Watermark delay',
    type: 'string',
    jsonPath: '.status.watermarkDelay',
    description: 'How far behind the clock results are.',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];
