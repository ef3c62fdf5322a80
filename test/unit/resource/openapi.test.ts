import { expect, test } from '@jest/globals';
import { openApiSpec } from '../../../src/resource/openapi.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const schemas = everySchema(openApiSpec(), 'spec');

test('every field has a description for kubectl explain', () => {
  const undescribed = schemas.filter(({ path, schema }) => !path.endsWith('[]') && !schema.description);
  expect(undescribed.map(({ path }) => path)).toEqual([]);
});

test('the schema is structural: every value has a type or a mark, and nothing but structure', () => {
  const odd = schemas.filter(({ schema }) => {
    const keys = Object.keys(schema);
    const isTyped = keys.some((key) => TYPES.includes(key));
    return !isTyped || keys.some((key) => FORBIDDEN.includes(key));
  });
  expect(odd.map(({ path }) => path)).toEqual([]);
});

test('no pattern needs more than RE2, which Kubernetes applies', () => {
  const patterns = schemas.flatMap(({ schema }) => schema.pattern ?? []);
  expect(patterns.filter((pattern) => /\(\?|\\[1-9]/.test(pattern))).toEqual([]);
});

test('defaults are in it, those of empty sections too', () => {
  const paths = schemas.filter(({ schema }) => 'default' in schema).map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['spec.emit', 'spec.input', 'spec.input.format', 'spec.watermark.delay']),
  );
});

const TYPES = ['type', 'x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields'];
const FORBIDDEN = [
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'uniqueItems',
  '$ref',
  'const',
  '$schema',
];

function everySchema(schema: Schema, path: string): { path: string; schema: Schema }[] {
  return [
    { path, schema },
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      everySchema(inner, `${path}.${key}`),
    ),
    ...(schema.items ? everySchema(schema.items, `${path}[]`) : []),
  ];
}
