import { desiredPipeline } from './desired-pipeline.ts';
import type { PipelineKnowledge } from './pipeline-knowledge.ts';
import type { ClusterView, PipelineKafka } from './ports.ts';

export interface ProgressContext {
  readonly view: ClusterView;
  readonly kafka: PipelineKafka;
  readonly knowledge: PipelineKnowledge;
  readonly onFound: (key: string) => void;
}

/** Reads how far the aggregators are, for the status, again and again while there are any. */
export async function reconcileProgress(
  key: string,
  { view, kafka, knowledge, onFound }: ProgressContext,
): Promise<number | undefined> {
  const resource = view.resource(key);
  if (resource === undefined || resource.metadata.deletionTimestamp !== undefined) return undefined;
  const { namespace = '', name } = resource.metadata;
  const { pipeline } = desiredPipeline(resource);
  if (pipeline === undefined || view.pods(namespace, name).length === 0) return READ_EVERY_MS;
  const known = knowledge.of(key);
  try {
    known.progress = await kafka.progress({ namespace, pipeline });
  } catch (error) {
    known.progress = undefined; // an old figure would pass for a new one
    throw error;
  } finally {
    onFound(key);
  }
  return READ_EVERY_MS;
}

const READ_EVERY_MS = 15_000;
