import * as z from 'zod';
import type { Path } from './path.ts';
import { schemaAt } from './schema-place.ts';

/** The words for a value that does not fit its place in the schema. */
export interface Expectation {
  /** What would be right, with an example: `a duration such as 3s`. */
  readonly expected: string;
  /** How to call what was found, where quoting it would not help or would give a secret away. */
  readonly found?: (value: unknown) => string | undefined;
}

/** Kept beside the schema and not in its metadata, which would carry the words into the CRD. */
const expectations = z.registry<Expectation>();

/** Notes what to say about a value that `schema` refuses. Goes last: other methods of zod make a copy. */
export function expecting<Schema extends z.ZodType>(
  schema: Schema,
  expected: string,
  found?: Expectation['found'],
): Schema {
  expectations.add(schema, { expected, ...(found && { found }) });
  return schema;
}

/** A mapping of known keys; the example shows one of them in use. */
export function section<Shape extends z.core.$ZodLooseShape>(
  description: string,
  example: string,
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return expecting(z.strictObject(shape).describe(description), `a mapping such as ${example}`);
}

/** `expected a duration such as 3s, found 3`, for the value at `path`. */
export function disappointment(root: z.ZodType, path: Path, value: unknown): string {
  const schema = schemaAt(root, path);
  const { expected, found } = expectationOf(schema);
  if (value === undefined) return `is missing: expected ${expected}`;
  return `expected ${expected}, found ${found?.(value) ?? quote(value)}`;
}

/** The keys that a mapping at `path` knows. */
export function knownKeys(root: z.ZodType, path: Path): string[] {
  const schema = schemaAt(root, path);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function expectationOf(schema: z.ZodType | undefined): Expectation {
  const noted = schema && expectations.get(schema);
  if (noted) return noted;
  if (schema instanceof z.ZodEnum) return { expected: oneOf(schema.options.map(String)) };
  return { expected: 'a text' };
}

function oneOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** A value as a message shows it: short, on one line. */
function quote(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  if (typeof value !== 'string') return `a ${typeof value}`;
  return JSON.stringify(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value);
}

const LONGEST_QUOTE = 60;
