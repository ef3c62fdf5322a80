import * as z from 'zod';
import { Document } from 'yaml';
import { operatorValues } from '../operator/operator-values.ts';
import { YAML_STYLE } from '../yaml-text.ts';

/** One value of the chart, for people. */
export interface ValueText {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
}

/** Every value with its words and its default, in the order of the schema. */
export function valueTexts(): ValueText[] {
  const defaults = operatorValues.parse({});
  return Object.entries(operatorValues.shape).map(([name, schema]) => ({
    name,
    description: descriptionOf(schema),
    default: defaults[name as keyof typeof defaults],
  }));
}

/** The defaults with a comment for each. */
export function valuesYaml(): string {
  const texts = valueTexts();
  const document = new Document(
    Object.fromEntries(texts.map((text) => [text.name, text.default])),
    YAML_STYLE,
  );
  for (const { name, description } of texts) {
    const [pair] = pairsOf(document).filter(({ key }) => key.value === name);
    pair.key.commentBefore = ` ${description}`;
    pair.key.spaceBefore = name !== texts[0].name;
  }
  return document.toString(YAML_STYLE);
}

/** What Helm holds values against. Draft 7 is what every Helm reads. */
export function valuesJsonSchema(): string {
  const schema = z.toJSONSchema(operatorValues, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

interface Key {
  readonly value: string;
  commentBefore?: string;
  spaceBefore?: boolean;
}

function pairsOf(document: Document): { key: Key }[] {
  return (document.contents as unknown as { items: { key: Key }[] }).items;
}

/** A default or an option wraps the schema that has the words, or has them itself. */
function descriptionOf(schema: z.ZodType): string {
  if (schema.description !== undefined) return schema.description;
  return schema instanceof z.ZodDefault ? descriptionOf(schema.unwrap() as z.ZodType) : '';
}
