import { desiredPipeline } from './desired-pipeline.ts';
import type { PipelineKnowledge } from './pipeline-knowledge.ts';
import type { ClusterView, PipelineKafka, Progress } from './ports.ts';
import { progressStatus } from './status.ts';

export interface ProgressContext {
  readonly view: ClusterView;
  readonly kafka: PipelineKafka;
  readonly knowledge: PipelineKnowledge;
  readonly nowMs: () => number;
  /** What the status tells has changed. */
  readonly onFound: (key: string) => void;
}

/**
 * Reads how far the aggregators are, for the status, again and again while there are any; of a pipeline where nothing
 * happens, less often. Returns in how many ms to read again.
 */
export async function reconcileProgress(key: string, context: ProgressContext): Promise<number | undefined> {
  const { view, kafka, knowledge, nowMs, onFound } = context;
  const resource = view.resource(key);
  if (resource === undefined || resource.metadata.deletionTimestamp !== undefined) return undefined;
  const { namespace = '', name } = resource.metadata;
  const { pipeline } = desiredPipeline(resource);
  if (pipeline === undefined || view.pods(namespace, name).length === 0) return READ_EVERY_MS;
  const known = knowledge.of(key);
  const before = known.progress;
  try {
    known.progress = await kafka.progress({ namespace, pipeline });
  } catch (error) {
    known.progress = undefined; // an old figure would pass for a new one
    throw error;
  } finally {
    const told = JSON.stringify([progressStatus(known.progress, nowMs()), known.progress?.split]);
    if (told !== known.toldProgress) onFound(key);
    known.toldProgress = told;
  }
  return isIdle(before, known.progress) ? READ_IDLE_EVERY_MS : READ_EVERY_MS;
}

function isIdle(before: Progress | undefined, now: Progress): boolean {
  return now.lagRecords === 0 && before?.lagRecords === 0 && before.watermarkMs === now.watermarkMs;
}

const READ_EVERY_MS = 15_000;
const READ_IDLE_EVERY_MS = 60_000;
