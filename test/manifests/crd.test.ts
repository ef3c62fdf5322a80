import { expect, test } from '@jest/globals';
import { movingAverageCrd } from '../../cdk8s/crd.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { rule: string; message: string; fieldPath?: string }[];
}

interface Version {
  readonly schema: { readonly openAPIV3Schema: Schema };
  readonly subresources: { readonly scale: Readonly<Record<string, string>> };
  readonly additionalPrinterColumns: readonly { name: string; jsonPath: string }[];
}

const [VERSION] = (movingAverageCrd().spec as { versions: readonly Version[] }).versions;
const ROOT = VERSION.schema.openAPIV3Schema;

test('a cluster needs to be told of Kafka, the input, the output and the windows; the rest has defaults', () => {
  const spec = ROOT.properties?.spec;
  expect(new Set(spec?.required)).toEqual(new Set(['kafka', 'input', 'output', 'windows']));
  expect(spec?.properties?.input.default).toBeUndefined();
  expect(spec?.properties?.watermark.default).toEqual({});
});

test('kubectl get shows Ready, Replicas, Lag, Watermark delay and Age, each from a field that there is', () => {
  const columns = VERSION.additionalPrinterColumns;
  expect(columns.map(({ name }) => name)).toEqual(['Ready', 'Replicas', 'Lag', 'Watermark delay', 'Age']);
  const fields = Object.keys(ROOT.properties?.status.properties ?? {});
  const shown = columns.flatMap(({ jsonPath }) => /^\.status\.(\w+)/.exec(jsonPath)?.slice(1) ?? []);
  expect(shown.filter((field) => !fields.includes(field))).toEqual([]);
});

test('kubectl scale finds the number to set, the number there is, and the pods', () => {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = VERSION.subresources.scale;
  for (const path of [specReplicasPath, statusReplicasPath, labelSelectorPath]) {
    expect(schemaAt(path)).toBeDefined();
  }
  expect(specReplicasPath).toBe('.spec.replicas');
});

test('kubectl explain has words for every field', () => {
  const silent = everySchema(ROOT, '').filter(
    ({ path, schema }) => !path.endsWith('[]') && path !== '.metadata' && !schema.description,
  );
  expect(silent.map(({ path }) => path)).toEqual([]);
});

test('every text has a bound, by which the API server weighs the rules', () => {
  const unbounded = everySchema(ROOT.properties?.spec ?? {}, 'spec').filter(
    ({ schema }) => schema.type === 'string' && schema.maxLength === undefined && schema.enum === undefined,
  );
  expect(unbounded.map(({ path }) => path)).toEqual([]);
});

test('every rule has a message, and points to a field that there is', () => {
  const rules = everySchema(ROOT, '').flatMap(({ path, schema }) =>
    (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ ...rule, path })),
  );
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.filter(({ message }) => message === '')).toEqual([]);
  const lost = rules.filter(
    ({ path, fieldPath }) => fieldPath && schemaAt(`${path}${fieldPath}`) === undefined,
  );
  expect(lost).toEqual([]);
});

function schemaAt(path: string): Schema | undefined {
  const steps = path.replaceAll('[]', '.[]').split('.').filter(Boolean);
  return steps.reduce<Schema | undefined>(
    (schema, step) => (step === '[]' ? schema?.items : schema?.properties?.[step]),
    ROOT,
  );
}

function everySchema(schema: Schema, path: string): { path: string; schema: Schema }[] {
  return [
    ...(path === '' ? [] : [{ path, schema }]),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      everySchema(inner, `${path}.${key}`),
    ),
    ...(schema.items ? everySchema(schema.items, `${path}[]`) : []),
  ];
}
