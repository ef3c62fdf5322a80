import { TidemarkError } from '../pipeline/error.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { fieldFits, type FieldFit } from '../trade/schema-fit.ts';
import type { KnownSchema } from '../trade/schemas.ts';
import { registryConnection } from './connections.ts';
import { bad, good, type Finding } from './finding.ts';
import { codecOptions } from './run-input.ts';

/** Whether the registry answers, has the input's latest schema, and that schema has what a trade needs. */
export async function registryFindings(pipeline: Pipeline): Promise<Finding[]> {
  const { schemaRegistry, input } = pipeline;
  const isOfSchemas = input.format === 'avro' || input.format === 'protobuf';
  if (schemaRegistry === undefined || !isOfSchemas || input.source?.kind !== 'topic') return [];
  const { RegistryClient } = await import('../registry/registry-client.ts');
  const { knownSchema } = await import('../registry/known-schema.ts');
  const connection = registryConnection(schemaRegistry);
  const client = new RegistryClient(connection);
  const registry = `schema registry ${connection.url}`;
  const subject = `${input.source.topic}-value`;
  try {
    const latest = await client.schemaOf(subject, 'latest');
    return [good(registry, 'answers'), schemaFinding(subject, await knownSchema(client, latest), pipeline)];
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'REGISTRY_NOT_FOUND')
      return [good(registry, 'answers'), bad(`schema ${subject}`, subjectMissing(subject))];
    return [bad(registry, error)];
  }
}

function schemaFinding(subject: string, schema: KnownSchema, pipeline: Pipeline): Finding {
  const { format } = pipeline.input;
  const name = `schema ${subject}`;
  if (schema.format === 'none') return bad(name, unfit(`The latest schema ${schema.why}.`));
  if (schema.format !== format)
    return bad(name, unfit(`The latest schema is of ${schema.format}, and input.format is ${format}.`));
  const fits = fieldFits(schema, codecOptions(pipeline));
  if (fits === undefined) return bad(name, unfit('The latest schema describes no record.'));
  const faults = fits.filter((each) => !each.fits);
  if (faults.length > 0)
    return bad(name, unfit(`The latest schema ${faults.map(faultInWords).join(', and ')}.`));
  return good(name, fits.map((each) => `${each.field} is in ${each.name ?? ''}`).join(', '));
}

function faultInWords({ field, name }: FieldFit): string {
  return name === undefined
    ? `has no field for the ${field}`
    : `has ${name} for the ${field}, of a type that no ${field} is read from`;
}

function unfit(message: string): TidemarkError {
  return new TidemarkError(
    'SCHEMA_UNFIT',
    message,
    'Name the fields in spec.input.fields, or change the schema: docs/formats.md lists the types.',
  );
}

function subjectMissing(subject: string): TidemarkError {
  return new TidemarkError(
    'SCHEMA_MISSING',
    `The registry has no subject ${subject}.`,
    'Nothing was written to the topic yet, or its producers name their subjects in another way; records say by themselves which schema they are of.',
  );
}
