import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import { stringify } from 'yaml';
import { aggregatorName } from '../../src/resource/cluster-names.ts';
import type { SpecInput } from '../../src/resource/moving-average.ts';
import { ownedMetadata, type PipelineContext } from './pipeline-context.ts';

export const PIPELINE_FILE = 'pipeline.yaml';

/**
 * The pipeline file of the aggregators. Its name ends in a hash of its content, and it is immutable: a changed
 * pipeline is another ConfigMap, so pods roll, and an old pod that starts again meanwhile still finds its own. (With
 * one name for all, a new pod could be handed the old content from its node's cache.) Whoever applies these objects
 * deletes earlier ones once no pod is left that mounts them.
 */
export function addConfigMap(scope: Construct, context: PipelineContext): void {
  new k8s.KubeConfigMap(scope, 'config-map', {
    metadata: ownedMetadata(context, configMapName(context)),
    immutable: true,
    data: { [PIPELINE_FILE]: pipelineFile(context) },
  });
}

export function configMapName(context: PipelineContext): string {
  const hash = createHash('sha256').update(pipelineFile(context)).digest('hex').slice(0, 10);
  return `${aggregatorName(context.pipeline.name)}-${hash}`;
}

/**
 * The resource without what only the operator reads: to scale a pipeline must not restart it. Keys are sorted, for an
 * API server and a person write them in different orders.
 */
function pipelineFile({ object }: PipelineContext): string {
  const { apiVersion, kind, metadata, spec } = object;
  const read = Object.fromEntries(Object.entries(spec).filter(([key]) => !OPERATOR_KEYS.has(key)));
  return stringify(
    { apiVersion, kind, metadata: { name: metadata.name }, spec: read },
    { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false },
  );
}

const OPERATOR_KEYS: ReadonlySet<string> = new Set<keyof SpecInput>([
  'replicas',
  'scaling',
  'resources',
  'deletionPolicy',
]);
