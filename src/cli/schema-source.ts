import type { Logger } from '../pipeline/logger.ts';
import type { SchemaSource } from '../pipeline/schema-source.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { registryConnection } from './connections.ts';

/** Where the schemas of the input's records come from; undefined where its format has none, and nothing is loaded. */
export async function schemaSource(pipeline: Pipeline, logger: Logger): Promise<SchemaSource | undefined> {
  const { input, schemaRegistry } = pipeline;
  if (schemaRegistry === undefined || input.format === 'csv' || input.format === 'json') return undefined;
  const { SchemaRegistry } = await import('../registry/schema-registry.ts');
  return new SchemaRegistry(registryConnection(schemaRegistry), logger);
}
