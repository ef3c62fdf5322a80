import * as z from 'zod';
import type { Path } from './path.ts';

/** The schema of the value at `path`, if the schema has such a place. */
export function schemaAt(root: z.ZodType, path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>(
    (schema, step) => schema && childOf(schema, step),
    unwrapped(root),
  );
}

/** A section that was written down but left empty is an empty mapping and not a missing one. */
export function withEmptySections(schema: z.ZodType | undefined, value: unknown): unknown {
  const bare = schema && unwrapped(schema);
  if (bare instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => withEmptySections(bare.element as z.ZodType, item));
  }
  if (!(bare instanceof z.ZodObject)) return value;
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withEmptySections(childOf(bare, key), inner)]),
  );
}

function childOf(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodUnion) {
    return (schema.options as z.ZodType[]).map((option) => childOf(option, step)).find((child) => child);
  }
  if (schema instanceof z.ZodArray) return unwrapped(schema.element as z.ZodType);
  if (schema instanceof z.ZodRecord) return unwrapped(schema.valueType as z.ZodType);
  if (!(schema instanceof z.ZodObject)) return undefined;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.hasOwn(shape, step) ? unwrapped(shape[step]) : undefined;
}

/** Without the layers that make a value optional or give it a default. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}
