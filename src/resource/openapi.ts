import * as z from 'zod';
import { spec } from './moving-average.ts';

/**
 * The spec as a Kubernetes CRD has it: a structural schema (KEP-1693, "OpenAPI v3 schema" of apiextensions/v1).
 * Mappings there are closed by pruning instead of `additionalProperties: false`, and a value of several types
 * carries a mark instead of `anyOf`.
 */
export function openApiSpec(): object {
  const schema = z.toJSONSchema(spec, {
    io: 'input',
    target: 'openapi-3.0',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (Object.keys(jsonSchema).some((key) => MARKS.includes(key))) delete jsonSchema.anyOf;
    },
  });
  delete schema.$schema;
  return schema;
}

const MARKS = ['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields'];
