import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { movingAverageCrd } from '../../cdk8s/crd.ts';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';

/**
 * What is wrong with an object by the schema of its kind: that of Kubernetes itself, of the Prometheus operator, or of
 * a CustomResourceDefinition (ours and Strimzi's; there a field that the schema has not is wrong too).
 */
export async function schemaMistakes(object: KubernetesObject): Promise<string[]> {
  const custom = CUSTOM.get(`${object.apiVersion} ${object.kind}`);
  if (custom !== undefined) {
    return custom(object)
      ? []
      : (custom.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }
  const Model = await modelOf(object);
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

type Model = new (object: object) => { validate(): void };

/** The class of kubernetes-models that is made from the OpenAPI document of Kubernetes or a published CRD. */
async function modelOf({ apiVersion, kind }: KubernetesObject): Promise<Model> {
  const library = MODELS[apiVersion.split('/')[0]] ?? 'kubernetes-models';
  const models = (await import(`${library}/${apiVersion}/${kind}`)) as Record<string, Model | undefined>;
  const model = models[kind];
  if (model === undefined) throw new Error(`There is no schema of ${apiVersion} ${kind}.`);
  return model;
}

/** By API group; all others are of Kubernetes itself. */
const MODELS: Readonly<Partial<Record<string, string>>> = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'keda.sh': '@kubernetes-models/keda',
};

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly minimum?: number;
  /** Of OpenAPI 3.0: whether `minimum` itself is out. */
  readonly exclusiveMinimum?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

const STRIMZI = ['kafka', 'kafkanodepool', 'kafkatopic', 'kafkauser'].map(
  (name) =>
    parse(
      readFileSync(new URL(`../fixtures/strimzi/${name}.yaml`, import.meta.url), 'utf8'),
    ) as unknown as Crd,
);

const CUSTOM: ReadonlyMap<string, ValidateFunction> = validators([
  ...STRIMZI,
  movingAverageCrd() as unknown as Crd,
]);

function validators(crds: readonly Crd[]): Map<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return new Map(
    crds.flatMap(({ spec }) =>
      spec.versions.map(({ name, schema }) => {
        const root = closed(schema.openAPIV3Schema);
        return [`${spec.group}/${name} ${spec.names.kind}`, ajv.compile(withObjectMeta(root))] as const;
      }),
    ),
  );
}

/** Takes no keys but those that are named, as strict validation does, where the schema lets no others through. */
function closed(schema: Schema): Schema {
  const properties =
    schema.properties &&
    Object.fromEntries(Object.entries(schema.properties).map(([key, inner]) => [key, closed(inner)]));
  const isOpen =
    properties === undefined ||
    schema.additionalProperties !== undefined ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { exclusiveMinimum, ...rest } = schema;
  return {
    ...rest,
    ...(exclusiveMinimum === true && { exclusiveMinimum: schema.minimum as unknown as boolean }),
    ...(properties && { properties }),
    ...(schema.items && { items: closed(schema.items) }),
    ...(!isOpen && { additionalProperties: false as unknown as Schema }),
  };
}

/** The schema of metadata is not written in a CRD. */
function withObjectMeta(root: Schema): object {
  return {
    ...root,
    properties: { apiVersion: {}, kind: {}, ...root.properties, metadata: { type: 'object' } },
  };
}
