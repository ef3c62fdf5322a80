import type { KnownSchema } from '../trade/schemas.ts';
import type { Reference, RegisteredSchema, RegistryClient } from './registry-client.ts';

/** What the trades of a schema can be read by. Rejects, as the client does, where a reference cannot be had. */
export async function knownSchema(client: RegistryClient, schema: RegisteredSchema): Promise<KnownSchema> {
  const { schemaType, schema: text } = schema;
  if (schemaType !== 'AVRO' && schemaType !== 'PROTOBUF') return unusable(`is of type ${schemaType}`);
  const references = await withTheirOwn(client, schema.references);
  try {
    if (schemaType === 'AVRO') {
      const { avroType } = await import('./avro-schema.ts');
      return {
        format: 'avro',
        type: avroType(
          text,
          references.map(({ text: own }) => own),
        ),
      };
    }
    const { protobufMessages } = await import('./protobuf-schema.ts');
    return { format: 'protobuf', messages: protobufMessages(text, references) };
  } catch (error) {
    return unusable(`cannot be read: ${(error as Error).message}`);
  }
}

function unusable(why: string): KnownSchema {
  return { format: 'none', code: 'schema-unusable', why };
}

/** The texts of references and of theirs, each once, those first that others use. */
async function withTheirOwn(
  client: RegistryClient,
  references: readonly Reference[],
): Promise<{ name: string; text: string }[]> {
  const texts = new Map<string, { name: string; text: string }>();
  const add = async (each: Reference, depth: number): Promise<void> => {
    const place = `${each.subject} ${each.version}`;
    if (texts.has(place) || depth > MOST_DEPTH) return;
    const schema = await client.schemaOf(each.subject, each.version);
    for (const inner of schema.references) await add(inner, depth + 1);
    texts.set(place, { name: each.name, text: schema.schema });
  };
  for (const each of references) await add(each, 0);
  return [...texts.values()];
}

const MOST_DEPTH = 20;
