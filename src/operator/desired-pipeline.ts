import { examine } from '../resource/examination.ts';
import type { MovingAverage } from '../resource/moving-average.ts';
import { formatPath } from '../resource/path.ts';
import type { Kafka, Pipeline } from '../resource/pipeline.ts';
import { spellOut } from '../resource/spell-out.ts';
import type { KubeObject } from './kube-object.ts';

/** A pipeline that can run on a cluster: from a topic, to a topic. */
export interface ClusterPipeline extends Pipeline {
  readonly kafka: Kafka;
  readonly input: Pipeline['input'] & { readonly source: { readonly kind: 'topic'; readonly topic: string } };
  readonly output: Pipeline['output'] & {
    readonly destination: { readonly kind: 'topic'; readonly topic: string };
  };
}

export type Desired =
  | { readonly pipeline: ClusterPipeline; readonly resource: MovingAverage; readonly mistakes: readonly [] }
  /** Each as a sentence that begins with its place, such as `spec.windows[0].size: ...`. */
  | { readonly pipeline: undefined; readonly mistakes: readonly string[] };

/** What a MovingAverage of the API server asks for, or all that is wrong with it. */
export function desiredPipeline(object: KubeObject): Desired {
  const { name, namespace } = object.metadata;
  const { apiVersion, kind, spec } = object;
  const { resource, findings } = examine({ apiVersion, kind, metadata: { name, namespace }, spec });
  if (resource === undefined) {
    return {
      pipeline: undefined,
      mistakes: findings.map(({ path, message }) => `${formatPath(path)}: ${message}`),
    };
  }
  const pipeline = spellOut(resource);
  const mistakes = unfitForACluster(pipeline);
  return mistakes.length > 0
    ? { pipeline: undefined, mistakes }
    : { pipeline: pipeline as ClusterPipeline, resource, mistakes: [] };
}

/** A pipeline file may leave out where to, and name files; on a cluster there are none. */
function unfitForACluster({ kafka, input, output, late, deadLetters }: Pipeline): string[] {
  const mistakes: string[] = [];
  if (kafka === undefined) {
    mistakes.push(
      'spec.kafka: is missing: expected cluster (a Strimzi cluster in this namespace) or bootstrapServers such as [kafka:9092]',
    );
  }
  if (input.source?.kind !== 'topic') {
    mistakes.push('spec.input.topic: is missing: on a cluster a pipeline reads a Kafka topic such as stocks');
  }
  if (output.destination?.kind !== 'topic') {
    mistakes.push(
      'spec.output.topic: is missing: on a cluster a pipeline writes a Kafka topic such as stocks_averages',
    );
  }
  for (const [place, destination] of Object.entries({ late, deadLetters })) {
    if (destination?.kind !== 'file') continue;
    mistakes.push(
      `spec.${place}.file: on a cluster there are no files: name a topic such as stocks_${place}`,
    );
  }
  return mistakes;
}
