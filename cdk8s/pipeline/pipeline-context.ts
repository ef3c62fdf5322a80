import { aggregatorName, aggregatorSelector } from '../../src/resource/cluster-names.ts';
import type { MovingAverageObject } from '../../src/resource/moving-average.ts';
import type { Pipeline } from '../../src/resource/pipeline.ts';
import type { PipelineSurroundings } from './surroundings.ts';

/** What every construct of a pipeline is made from. */
export interface PipelineContext {
  readonly object: MovingAverageObject;
  readonly pipeline: Pipeline;
  readonly surroundings: PipelineSurroundings;
}

/** The labels by which the pipeline's pods are selected. */
export function selectorOf({ pipeline }: PipelineContext): Record<string, string> {
  return aggregatorSelector(pipeline.name);
}

/** The metadata of an object that goes with the MovingAverage; namespace and labels come from the chart. */
export function ownedMetadata(
  { pipeline, surroundings }: PipelineContext,
  name = aggregatorName(pipeline.name),
) {
  const { ownerReference } = surroundings;
  return { name, ...(ownerReference && { ownerReferences: [{ ...ownerReference }] }) };
}
